// BER as LDAP uses it (RFC 4511 section 5.1): a tree encodes into one buffer in one pass, so a secret has exactly one copy to wipe.

/** `body` is content bytes or children; lengths are definite and minimal. */
export type Ber = { readonly tag: number; readonly length: number; readonly body: Uint8Array | readonly Ber[] };

export const tags = { boolean: 0x01, integer: 0x02, octets: 0x04, enumerated: 0x0a, sequence: 0x30, set: 0x31 } as const;

export const bytes = (body: Uint8Array, tag: number = tags.octets): Ber => ({ tag, length: body.length, body });
export const text = (value: string, tag: number = tags.octets): Ber => bytes(Buffer.from(value, 'utf8'), tag);
export const boolean = (value: boolean, tag: number = tags.boolean): Ber => bytes(Uint8Array.of(value ? 0xff : 0), tag);

export function group(tag: number, ...children: readonly Ber[]): Ber {
  let length = 0;
  for (const child of children) length += sizeOf(child);
  return { tag, length, body: children };
}
export const sequence = (...children: readonly Ber[]): Ber => group(tags.sequence, ...children);

/** Non-negative, up to 2^31-1: all LDAP ever sends. */
export function integer(value: number, tag: number = tags.integer): Ber {
  const content = [value & 0xff];
  for (let rest = value >>> 8; rest > 0; rest >>>= 8) content.unshift(rest & 0xff);
  if ((content[0] as number) & 0x80) content.unshift(0);
  return bytes(Uint8Array.from(content), tag);
}

const lengthSize = (length: number): number => (length < 0x80 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : length < 0x1000000 ? 4 : 5);
const sizeOf = (node: Ber): number => 1 + lengthSize(node.length) + node.length;

export function encode(node: Ber): Buffer {
  const out = Buffer.allocUnsafe(sizeOf(node));
  write(node, out, 0);
  return out;
}

function write(node: Ber, out: Buffer, start: number): number {
  let at = start;
  out[at++] = node.tag;
  const size = lengthSize(node.length);
  if (size === 1) out[at++] = node.length;
  else {
    out[at++] = 0x80 | (size - 1);
    for (let shift = (size - 2) * 8; shift >= 0; shift -= 8) out[at++] = (node.length >>> shift) & 0xff;
  }
  if (node.body instanceof Uint8Array) {
    out.set(node.body, at);
    return at + node.length;
  }
  for (const child of node.body) at = write(child, out, at);
  return at;
}

export class BerError extends Error {}

/** A decoded element: `body` is a view on the message, never a copy. */
export type Element = { readonly tag: number; readonly body: Buffer };

/** Total size of the element at `offset`, or undefined while its header has not fully arrived. */
export function elementSize(buffer: Buffer, offset = 0): number | undefined {
  const header = headerAt(buffer, offset);
  return header === undefined ? undefined : header.size + header.length;
}

function headerAt(buffer: Buffer, offset: number): { size: number; length: number } | undefined {
  if (buffer.length < offset + 2) return undefined;
  const first = buffer[offset + 1] as number;
  if (first < 0x80) return { size: 2, length: first };
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw new BerError('indefinite or oversized BER length');
  if (buffer.length < offset + 2 + count) return undefined;
  return { size: 2 + count, length: buffer.readUIntBE(offset + 2, count) };
}

/** Splits content into its elements; a length that overruns its parent is an error. */
export function elements(content: Buffer): Element[] {
  const out: Element[] = [];
  for (let at = 0; at < content.length; ) {
    const header = headerAt(content, at);
    if (header === undefined || at + header.size + header.length > content.length) throw new BerError('truncated BER element');
    out.push({ tag: content[at] as number, body: content.subarray(at + header.size, at + header.size + header.length) });
    at += header.size + header.length;
  }
  return out;
}

export function toInteger(body: Buffer): number {
  if (body.length === 0 || body.length > 6) throw new BerError('integer out of range');
  return body.readIntBE(0, body.length);
}
