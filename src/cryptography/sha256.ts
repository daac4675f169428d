// SHA-256 (FIPS 180-4) for browsers: WebCrypto hashes only whole buffers and only later, a tree hashes millions of small ones now.
import type { Running } from './port.ts';

const blockSize = 64;

/** The first 32 bits of the fractional parts of the roots of the first primes: cube roots for `k`, square roots for the start. */
function fractions(count: number, root: (n: number) => number): Uint32Array {
  const found: number[] = [];
  for (let n = 2; found.length < count; n += 1) {
    let prime = true;
    for (let d = 2; d * d <= n; d += 1) if (n % d === 0) prime = false;
    if (prime) found.push((root(n) % 1) * 2 ** 32);
  }
  return Uint32Array.from(found);
}
const k = Int32Array.from(fractions(64, Math.cbrt));
const start = Int32Array.from(fractions(8, Math.sqrt));

export class Sha256 implements Running {
  readonly #state = start.slice();
  readonly #block = new Uint8Array(blockSize);
  readonly #words = new Int32Array(64);
  #held = 0;
  #length = 0;

  update(bytes: Uint8Array): void {
    this.#length += bytes.length;
    let at = 0;
    while (at < bytes.length) {
      const take = Math.min(blockSize - this.#held, bytes.length - at);
      this.#block.set(bytes.subarray(at, at + take), this.#held);
      this.#held += take;
      at += take;
      if (this.#held === blockSize) this.#mix();
    }
  }

  /** Once: the state is used up. */
  digest(): Uint8Array {
    this.#block[this.#held] = 0x80;
    this.#block.fill(0, this.#held + 1);
    if (this.#held >= blockSize - 8) {
      this.#mix();
      this.#block.fill(0);
    }
    const tail = new DataView(this.#block.buffer);
    tail.setUint32(blockSize - 8, Math.floor(this.#length / 2 ** 29));
    tail.setUint32(blockSize - 4, (this.#length * 8) % 2 ** 32);
    this.#mix();
    const out = new DataView(new ArrayBuffer(32));
    for (const [i, word] of this.#state.entries()) out.setInt32(i * 4, word);
    return new Uint8Array(out.buffer);
  }

  /** Plain variables and no iterators: written with them it ran at a tenth of the speed. */
  #mix(): void {
    const s = this.#state;
    const w = this.#words;
    const b = this.#block;
    // every index below is inside its array: the casts say so
    for (let i = 0, o = 0; i < 16; i += 1, o += 4)
      w[i] = ((b[o] as number) << 24) | ((b[o + 1] as number) << 16) | ((b[o + 2] as number) << 8) | (b[o + 3] as number);
    for (let i = 16; i < 64; i += 1) {
      const x = w[i - 15] as number;
      const y = w[i - 2] as number;
      const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
      const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
      w[i] = ((w[i - 16] as number) + s0 + (w[i - 7] as number) + s1) | 0;
    }
    let a0 = s[0] as number;
    let a1 = s[1] as number;
    let a2 = s[2] as number;
    let a3 = s[3] as number;
    let e0 = s[4] as number;
    let e1 = s[5] as number;
    let e2 = s[6] as number;
    let e3 = s[7] as number;
    for (let i = 0; i < 64; i += 1) {
      const big1 = turn(e0, 6) ^ turn(e0, 11) ^ turn(e0, 25);
      const t1 = (e3 + big1 + ((e0 & e1) ^ (~e0 & e2)) + (k[i] as number) + (w[i] as number)) | 0;
      const big0 = turn(a0, 2) ^ turn(a0, 13) ^ turn(a0, 22);
      const t2 = (big0 + ((a0 & a1) ^ (a0 & a2) ^ (a1 & a2))) | 0;
      e3 = e2;
      e2 = e1;
      e1 = e0;
      e0 = (a3 + t1) | 0;
      a3 = a2;
      a2 = a1;
      a1 = a0;
      a0 = (t1 + t2) | 0;
    }
    s[0] = (s[0] as number) + a0;
    s[1] = (s[1] as number) + a1;
    s[2] = (s[2] as number) + a2;
    s[3] = (s[3] as number) + a3;
    s[4] = (s[4] as number) + e0;
    s[5] = (s[5] as number) + e1;
    s[6] = (s[6] as number) + e2;
    s[7] = (s[7] as number) + e3;
    this.#held = 0;
  }
}

const turn = (x: number, n: number): number => (x >>> n) | (x << (32 - n));
