// The SSH wire format (RFC 4251 §5): length-prefixed strings and mpints. Reading past the end or leaving bytes over is an error, never a guess.
import { concat, fromBase64, shownText, utf8 } from '../cryptography/bytes.ts';

/** Thrown for bytes that are not what they claim to be; callers turn it into a Problem that says which file or signature. */
export class Malformed extends Error {}

export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  raw(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new Malformed('it ends too early');
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }
  uint32(): number {
    const part = this.raw(4);
    return new DataView(part.buffer, part.byteOffset, 4).getUint32(0);
  }
  string(): Uint8Array {
    return this.raw(this.uint32());
  }
  text(): string {
    return shownText(this.string());
  }
  /** A positive mpint in its only canonical form, as exactly `width` bytes when asked. */
  mpint(width?: number): Uint8Array {
    const bytes = this.string();
    const signByte = bytes[0] === 0;
    if (bytes.length === 0 || bytes[0]! >= 0x80 || (signByte && (bytes[1] ?? 0) < 0x80))
      throw new Malformed('a number is not in canonical form');
    const magnitude = signByte ? bytes.subarray(1) : bytes;
    if (width === undefined) return magnitude;
    if (magnitude.length > width) throw new Malformed('a number is too large');
    return concat(new Uint8Array(width - magnitude.length), magnitude);
  }
  get left(): number {
    return this.#bytes.length - this.#at;
  }
  end(): void {
    if (this.left > 0) throw new Malformed('bytes are left over at its end');
  }
}

export function wireString(value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === 'string' ? utf8(value) : value;
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concat(length, bytes);
}

export function wireMpint(magnitude: Uint8Array): Uint8Array {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const trimmed = magnitude.subarray(start);
  return wireString(trimmed[0]! >= 0x80 ? concat(new Uint8Array(1), trimmed) : trimmed);
}

/** Base64 that encodes back to the same text: two texts never stand for one signature. */
export function strictBase64(text: string): Uint8Array {
  const bytes = fromBase64(text);
  if (text === '' || bytes === undefined) throw new Malformed('its base64 is damaged');
  return bytes;
}
