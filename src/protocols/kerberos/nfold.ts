// n-fold of RFC 3961 section 5.1: stretches a key-derivation constant to the block size of the cipher.

/** Copies of the input, each rotated right by 13 bits more than the last, added in ones' complement. */
export function nfold(input: Uint8Array, size: number): Buffer {
  const sums = new Array<number>(size).fill(0);
  const total = (input.length * size) / greatestCommonDivisor(input.length, size);
  for (let at = 0; at < total; at++) {
    const copy = Math.floor(at / input.length);
    sums[at % size] = (sums[at % size] as number) + circularByte(input, (at % input.length) * 8 - 13 * copy);
  }
  for (let carry = 1; carry > 0; ) {
    carry = 0;
    for (let at = size - 1; at >= 0; at--) {
      const sum = (sums[at] as number) + carry;
      sums[at] = sum & 0xff;
      carry = sum >>> 8;
    }
    sums[size - 1] = (sums[size - 1] as number) + carry;
  }
  return Buffer.from(sums);
}

/** Eight bits of the input from `bit` on, taken as a ring. */
function circularByte(input: Uint8Array, bit: number): number {
  const bits = input.length * 8;
  const start = ((bit % bits) + bits) % bits;
  const first = start >>> 3;
  const pair = ((input[first] as number) << 8) | (input[(first + 1) % input.length] as number);
  return (pair >>> (8 - (start & 7))) & 0xff;
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));
