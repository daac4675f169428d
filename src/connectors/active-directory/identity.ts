// objectGUID and objectSid between the bytes a domain controller sends and the text people read. The GUID is what an account is: it survives renames and moves.

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const isGuid = (text: string): boolean => guidPattern.test(text);

/** The first three fields are little-endian (MS-DTYP 2.3.4.2). */
export function guidText(bytes: Buffer): string {
  if (bytes.length !== 16) throw new RangeError(`a GUID has 16 bytes, not ${bytes.length}`);
  const head = [bytes.subarray(0, 4), bytes.subarray(4, 6), bytes.subarray(6, 8)].map((part) =>
    Buffer.from(part).reverse().toString('hex'),
  );
  return [...head, bytes.subarray(8, 10).toString('hex'), bytes.subarray(10).toString('hex')].join('-');
}

/** `S-1-5-21-…`: revision, count, 48-bit authority, then 32-bit parts (MS-DTYP 2.4.2.2). */
export function sidText(bytes: Buffer): string {
  const count = bytes[1] ?? 0;
  if (bytes.length !== 8 + 4 * count) throw new RangeError('not a SID');
  const parts = Array.from({ length: count }, (_, n) => bytes.readUInt32LE(8 + 4 * n));
  return ['S', bytes[0], bytes.readUIntBE(2, 6), ...parts].join('-');
}

/** The last part of a SID: which account of its domain (500 Administrator, 502 krbtgt). */
export const ridOf = (sid: string | undefined): number | undefined =>
  sid === undefined ? undefined : Number(sid.slice(sid.lastIndexOf('-') + 1));

/** A name every operation takes for a DN, whatever the object is called now (MS-ADTS 3.1.1.3.1.2.4). */
export const guidDn = (guid: string): string => `<GUID=${guid}>`;
