// MariaDB's ed25519 login: the public key it stores for a password and the signature it asks for. Node and libsodium take 32-byte seeds only.
import { createHash } from 'node:crypto';

/**
 * RFC 8032 with one difference: what is hashed to the scalar and the prefix is the password, of any length, not a seed of 32 bytes. Written out
 * because no library here takes such a key; the arithmetic is checked against RFC 8032 and against the server. BigInt is not constant-time: a
 * measurement would have to be made inside this process, which holds the password anyway.
 */
const p = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

type Point = { readonly x: bigint; readonly y: bigint; readonly z: bigint; readonly t: bigint };

const mod = (value: bigint, by: bigint = p): bigint => ((value % by) + by) % by;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [square, left] = [mod(base), exponent]; left > 0n; left >>= 1n, square = (square * square) % p)
    if ((left & 1n) === 1n) result = (result * square) % p;
  return result;
}
const inverse = (value: bigint): bigint => power(value, p - 2n);
const d = mod(-121665n * inverse(121666n));
const baseX = 15112221349535400772501151409588531511454012693041857206046113283949847762202n;
const baseY = mod(4n * inverse(5n));
const base: Point = { x: baseX, y: baseY, z: 1n, t: mod(baseX * baseY) };
const zero: Point = { x: 0n, y: 1n, z: 1n, t: 0n };

/** RFC 8032 §5.1.4. The formula is complete: it doubles too. */
function add(one: Point, other: Point): Point {
  const a = mod((one.y - one.x) * (other.y - other.x));
  const b = mod((one.y + one.x) * (other.y + other.x));
  const c = mod(2n * d * one.t * other.t);
  const e = mod(2n * one.z * other.z);
  const [f, g, h, k] = [b - a, e - c, e + c, b + a];
  return { x: mod(f * g), y: mod(h * k), z: mod(g * h), t: mod(f * k) };
}

function timesBase(scalar: bigint): Point {
  let sum = zero;
  for (let [doubled, left] = [base, scalar]; left > 0n; left >>= 1n, doubled = add(doubled, doubled))
    if ((left & 1n) === 1n) sum = add(sum, doubled);
  return sum;
}

function encoded({ x, y, z }: Point): Buffer {
  const scale = inverse(z);
  const bytes = littleEndian(mod(y * scale));
  if ((mod(x * scale) & 1n) === 1n) bytes[31] = (bytes[31] as number) | 0x80;
  return bytes;
}

function littleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}
const integer = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
const sha512 = (...parts: readonly Uint8Array[]): Buffer => createHash('sha512').update(Buffer.concat(parts)).digest();

function keyOf(password: Uint8Array): { readonly scalar: bigint; readonly prefix: Buffer } {
  const hash = sha512(password);
  const clamped = hash.subarray(0, 32);
  clamped[0] = (clamped[0] as number) & 248;
  clamped[31] = ((clamped[31] as number) & 63) | 64;
  return { scalar: integer(clamped), prefix: hash.subarray(32) };
}

/** 32 bytes. */
export function publicKey(password: Uint8Array): Buffer {
  return encoded(timesBase(keyOf(password).scalar));
}

/** 64 bytes over `message`, the server's nonce. */
export function signature(password: Uint8Array, message: Uint8Array): Buffer {
  const { scalar, prefix } = keyOf(password);
  const nonce = mod(integer(sha512(prefix, message)), order);
  const commitment = encoded(timesBase(nonce));
  const challenge = mod(integer(sha512(commitment, encoded(timesBase(scalar)), message)), order);
  return Buffer.concat([commitment, littleEndian(mod(nonce + challenge * scalar, order))]);
}
