// replPropertyMetaData: which change of an attribute a controller holds. The same on every controller that has received it, another after every change.
import { guidText } from './identity.ts';

/** Attribute ids of the well-known prefix table: 1.2.840.113556.1.4.N is 0x0009_0000 + N (MS-ADTS 3.1.1.2.2.1.3 and MS-DRSR 5.16.4). */
export const attributeIds = {
  unicodePwd: 0x0009005a,
  pwdLastSet: 0x00090060,
  userAccountControl: 0x00090008,
  trustAuthIncoming: 0x00090081,
  trustAuthOutgoing: 0x00090087,
} as const;

/** One originating write. `origin` is the invocation id of the controller that took it, `usn` its number there. */
export type Stamp = { readonly version: number; readonly at: Date; readonly origin: string; readonly usn: bigint };

const headerSize = 16;
const entrySize = 48;
const epochMs = 11_644_473_600_000;

/** `undefined` when the blob is none this version knows: then nothing is claimed about it. */
export function stampsOf(blob: Buffer | undefined): ReadonlyMap<number, Stamp> | undefined {
  if (blob === undefined || blob.length < headerSize || blob.readUInt32LE(0) !== 1) return undefined;
  const count = blob.readUInt32LE(8);
  if (blob.length < headerSize + count * entrySize) return undefined;
  const stamps = new Map<number, Stamp>();
  for (let n = 0; n < count; n++) {
    const at = headerSize + n * entrySize;
    stamps.set(blob.readUInt32LE(at), {
      version: blob.readUInt32LE(at + 4),
      at: new Date(Number(blob.readBigUInt64LE(at + 8)) * 1000 - epochMs),
      origin: guidText(blob.subarray(at + 16, at + 32)),
      usn: blob.readBigUInt64LE(at + 32),
    });
  }
  return stamps;
}

/** Names one originating write without saying what was written. */
export const stampText = (stamp: Stamp | undefined): string =>
  stamp === undefined ? '' : `${stamp.version}.${stamp.origin.slice(0, 8)}.${stamp.usn}`;
