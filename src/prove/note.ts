// Signed notes (c2sp.org/signed-note) with Ed25519: what is accepted was signed by the key the reader trusts, byte for byte.
import { base64, base64url, concat, fromBase64, hex, strictText, utf8 } from '../cryptography/bytes.ts';
import type { Cryptography } from '../cryptography/port.ts';
import type { Digest } from './merkle.ts';

/** `line` is the form people pin and compare: name+8 hex digits+base64(0x01 || key). */
export type NoteKey = { readonly name: string; readonly id: string; readonly publicKey: Uint8Array; readonly line: string };

export type Opened = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

const ed25519 = 0x01;
// The specification asks verifiers to accept 16 signatures and to set a limit.
const maxSignatures = 64;

export function noteKey(sha256: Digest, name: string, publicKey: Uint8Array): NoteKey {
  if (!/^[^\p{White_Space}\p{Cc}+]+$/u.test(name)) throw new TypeError(`a key name has no space and no plus: ${JSON.stringify(name)}`);
  if (publicKey.length !== 32) throw new TypeError(`an Ed25519 public key has 32 bytes, not ${publicKey.length}`);
  const typed = concat(Uint8Array.of(ed25519), publicKey);
  const id = hex(sha256(utf8(`${name}\n`), typed).subarray(0, 4));
  return { name, id, publicKey, line: `${name}+${id}+${base64(typed)}` };
}

/** Reads name+hash+key; undefined when any part of it does not fit the others. */
export function parseNoteKey(sha256: Digest, line: string): NoteKey | undefined {
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(line);
  const typed = match?.[3] === undefined ? undefined : fromBase64(match[3]);
  if (match?.[1] === undefined || typed?.length !== 33 || typed[0] !== ed25519) return undefined;
  try {
    const key = noteKey(sha256, match[1], typed.subarray(1));
    return key.id === match[2] ? key : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The text of a note, if this key signed it. Signatures of other keys are ignored (witnesses may add theirs) unless `only`,
 * which refuses any second signature: then not one byte of the note can change.
 */
export async function openNote(
  note: Uint8Array,
  key: NoteKey,
  { verify }: Pick<Cryptography, 'verify'>,
  { only = false } = {},
): Promise<Opened> {
  const refused = (reason: string): Opened => ({ ok: false, reason });
  const whole = strictText(note);
  if (whole === undefined || !wellFormed(whole)) return refused('it is not UTF-8 text without control characters');
  const at = whole.lastIndexOf('\n\n');
  if (at < 0 || !whole.endsWith('\n')) return refused('it has no signature block');
  const text = whole.slice(0, at + 1);
  const lines = whole.slice(at + 2, -1).split('\n');
  if (lines.length > (only ? 1 : maxSignatures)) return refused(`it has ${lines.length} signatures`);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: base64url(key.publicKey) } as const;
  let signed = false;
  for (const line of lines) {
    const match = /^— (\S+) (\S+)$/u.exec(line);
    const blob = match?.[2] === undefined ? undefined : fromBase64(match[2]);
    if (match?.[1] === undefined || blob === undefined || blob.length < 5) return refused('a signature line is malformed');
    if (match[1] !== key.name || hex(blob.subarray(0, 4)) !== key.id) continue;
    if (!(await verify(jwk, null, utf8(text), blob.subarray(4)))) return refused(`the signature of ${key.name} does not fit the text`);
    signed = true;
  }
  return signed ? { ok: true, text } : refused(`it is not signed by ${key.line}`);
}

export function wellFormed(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x20 && code !== 0x0a) return false;
  }
  return true;
}
