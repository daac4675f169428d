// DER (X.690) as far as certificate requests and revocation lists need it: written from nested parts, read with every length checked.

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8: 0x0c,
  printable: 0x13,
  ia5: 0x16,
  utcTime: 0x17,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** A context-specific tag: [n], constructed unless said otherwise. */
export const context = (n: number, constructed = true): number => 0x80 | (constructed ? 0x20 : 0) | n;

export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.concat([Uint8Array.from(length < 0x80 ? [tag, length] : [tag, 0x80 | bytes.length, ...bytes]), ...parts]);
}
export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(tags.sequence, ...parts);
export const text = (value: string, tag: number = tags.utf8): Buffer => der(tag, Buffer.from(value, 'utf8'));

/** Unsigned: a leading zero keeps the first bit from meaning minus. */
export function integer(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const short = start < 0 ? Uint8Array.of(0) : bytes.subarray(start);
  return der(tags.integer, ...((short[0] as number) & 0x80 ? [Uint8Array.of(0), short] : [short]));
}
/** Whole bytes, no unused bits. */
export const bits = (bytes: Uint8Array): Buffer => der(tags.bits, Uint8Array.of(0), bytes);

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(tags.oid, Uint8Array.from(bytes));
}

export class DerError extends Error {}

/** `raw` is the element with its header: what signatures are made over. */
export type Element = { readonly tag: number; readonly body: Buffer; readonly raw: Buffer };

export function elementAt(buffer: Buffer, start = 0): Element {
  const tag = buffer[start];
  const first = buffer[start + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new DerError('cut off, or a tag of more than one byte');
  let from = start + 2;
  let length = first;
  if (first >= 0x80) {
    const size = first & 0x7f;
    // Four bytes are 4 GB; the indefinite form (0x80) is not DER.
    if (size === 0 || size > 4 || from + size > buffer.length) throw new DerError('a length that is not DER');
    length = buffer.readUIntBE(from, size);
    from += size;
  }
  if (from + length > buffer.length) throw new DerError('cut off');
  return { tag, body: buffer.subarray(from, from + length), raw: buffer.subarray(start, from + length) };
}

export function children(element: Element): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < element.body.length; ) {
    const child = elementAt(element.body, at);
    found.push(child);
    at += child.raw.length;
  }
  return found;
}

/** Throws a DerError when the element is not what the grammar says. */
export function expect(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw new DerError(`expected tag ${tag}, found ${element?.tag ?? 'nothing'}`);
  return element;
}

/** UTCTime or GeneralizedTime, in UTC as RFC 5280 demands. */
export function timeOf(element: Element | undefined): Date {
  const written = element?.body.toString('latin1') ?? '';
  const full = element?.tag === tags.utcTime ? `${Number(written.slice(0, 2)) < 50 ? 20 : 19}${written}` : written;
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full) ?? [];
  if (element === undefined || (element.tag !== tags.utcTime && element.tag !== tags.time) || year === undefined)
    throw new DerError('no time');
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** Serial numbers as hex without leading zeros, in capitals: how OpenSSL and node:crypto write them, give or take a zero. */
export const serialText = (hex: string): string => hex.toUpperCase().replace(/^0+(?=.)/, '');
