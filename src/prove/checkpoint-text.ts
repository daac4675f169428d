// The text of a checkpoint (c2sp.org/tlog-checkpoint): origin, size and root, each on its own line and in one spelling only.
import { base64, fromBase64 } from '../cryptography/bytes.ts';

export type Head = { readonly origin: string; readonly size: number; readonly root: Uint8Array };

/** Every log of an estate has its own origin and one key signs them all, so that readers pin a single key. */
export const logKeyName = (estate: string): string => `rekey/${estate}`;
export const originOf = (estate: string, log: string): string => `${logKeyName(estate)}/${log}`;

/** No extension lines: monitors cannot audit them. */
export function checkpointText(head: Head): string {
  return `${head.origin}\n${head.size}\n${base64(head.root)}\n`;
}

export function parseCheckpoint(text: string): Head | undefined {
  const match = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([^\n]+)\n$/.exec(text);
  const root = match?.[3] === undefined ? undefined : fromBase64(match[3]);
  const size = Number(match?.[2]);
  if (match?.[1] === undefined || root?.length !== 32 || !Number.isSafeInteger(size)) return undefined;
  return { origin: match[1], size, root };
}
