// The SSH wire format (RFC 4251 §5): length-prefixed strings and mpints. Reading past the end or leaving bytes over is an error, never a guess.

/** Thrown for bytes that are not what they claim to be; callers turn it into a Problem that says which file or signature. */
export class Malformed extends Error {}

export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  raw(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new Malformed('it ends too early');
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }
  uint32(): number {
    return this.raw(4).readUInt32BE();
  }
  string(): Buffer {
    return this.raw(this.uint32());
  }
  text(): string {
    return this.string().toString('latin1');
  }
  /** A positive mpint in its only canonical form, as exactly `width` bytes when asked. */
  mpint(width?: number): Buffer {
    const bytes = this.string();
    const signByte = bytes[0] === 0;
    if (bytes.length === 0 || bytes[0]! >= 0x80 || (signByte && (bytes[1] ?? 0) < 0x80))
      throw new Malformed('a number is not in canonical form');
    const magnitude = signByte ? bytes.subarray(1) : bytes;
    if (width === undefined) return magnitude;
    if (magnitude.length > width) throw new Malformed('a number is too large');
    return Buffer.concat([Buffer.alloc(width - magnitude.length), magnitude]);
  }
  get left(): number {
    return this.#bytes.length - this.#at;
  }
  end(): void {
    if (this.left > 0) throw new Malformed('bytes are left over at its end');
  }
}

export function wireString(value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value as string); // Buffer.from takes both; the cast picks one overload
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export function wireMpint(magnitude: Uint8Array): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const trimmed = magnitude.subarray(start);
  return wireString(trimmed[0]! >= 0x80 ? Buffer.concat([Buffer.alloc(1), trimmed]) : trimmed);
}

/** Base64 that encodes back to the same text: two texts never stand for one signature. */
export function strictBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (text === '' || bytes.toString('base64') !== text) throw new Malformed('its base64 is damaged');
  return bytes;
}
