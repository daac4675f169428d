// Signed notes (c2sp.org/signed-note) with Ed25519: what is accepted was signed by the key the reader trusts, byte for byte.
import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject, sign, verify } from 'node:crypto';

/** `line` is the form people pin and compare: name+8 hex digits+base64(0x01 || key). */
export type NoteKey = { readonly name: string; readonly id: string; readonly publicKey: Uint8Array; readonly line: string };

/** Signs the text of a note. The private half stays where it is sealed. */
export interface Signer {
  readonly key: NoteKey;
  sign(text: Uint8Array): Promise<Uint8Array>;
}

export type Opened = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

const ed25519 = 0x01;
const marker = '— ';
// The specification asks verifiers to accept 16 signatures and to set a limit.
const maxSignatures = 64;

export function noteKey(name: string, publicKey: Uint8Array): NoteKey {
  if (!/^[^\p{White_Space}\p{Cc}+]+$/u.test(name)) throw new TypeError(`a key name has no space and no plus: ${JSON.stringify(name)}`);
  if (publicKey.length !== 32) throw new TypeError(`an Ed25519 public key has 32 bytes, not ${publicKey.length}`);
  const typed = Buffer.concat([Uint8Array.of(ed25519), publicKey]);
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'buffer')
    .subarray(0, 4)
    .toString('hex');
  return { name, id, publicKey, line: `${name}+${id}+${typed.toString('base64')}` };
}

/** Reads name+hash+key; undefined when any part of it does not fit the others. */
export function parseNoteKey(line: string): NoteKey | undefined {
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(line);
  const typed = match?.[3] === undefined ? undefined : strictBase64(match[3]);
  if (match?.[1] === undefined || typed?.length !== 33 || typed[0] !== ed25519) return undefined;
  try {
    const key = noteKey(match[1], typed.subarray(1));
    return key.id === match[2] ? key : undefined;
  } catch {
    return undefined;
  }
}

/** A new log key. `seed` (32 bytes) is the private half: seal it before anything else happens. */
export function newLogKey(name: string): { readonly key: NoteKey; readonly seed: Uint8Array } {
  const pair = generateKeyPairSync('ed25519');
  const seed = Buffer.from(pair.privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  return { key: noteKey(name, rawPublic(pair.publicKey)), seed };
}

// RFC 8410: PKCS #8 and SPKI wrappings of a raw Ed25519 key
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const spki = Buffer.from('302a300506032b6570032100', 'hex');
const rawPublic = (key: KeyObject): Uint8Array => key.export({ format: 'der', type: 'spki' }).subarray(spki.length);

/** `withSeed` lends the private half for the length of one callback, as Secret.use does. */
export function signerOf(name: string, withSeed: <T>(f: (seed: Uint8Array) => T) => T | Promise<T>): Promise<Signer> {
  const privateKey = (seed: Uint8Array): KeyObject => createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
  return Promise.resolve(withSeed((seed) => noteKey(name, rawPublic(createPublicKey(privateKey(seed)))))).then((key) => ({
    key,
    sign: async (text) => withSeed((seed) => sign(null, text, privateKey(seed))),
  }));
}

/** `text` ends in a newline; the answer is the whole note. */
export async function signNote(text: string, signer: Signer): Promise<string> {
  const bytes = Buffer.from(text, 'utf8');
  if (!wellFormed(text) || !text.endsWith('\n')) throw new TypeError('a note is text without control characters that ends in a newline');
  const signature = Buffer.concat([Buffer.from(signer.key.id, 'hex'), await signer.sign(bytes)]);
  return `${text}\n${marker}${signer.key.name} ${signature.toString('base64')}\n`;
}

/**
 * The text of a note, if this key signed it. Signatures of other keys are ignored (witnesses may add theirs) unless `only`,
 * which refuses any second signature: then not one byte of the note can change.
 */
export function openNote(note: Uint8Array, key: NoteKey, { only = false } = {}): Opened {
  const refused = (reason: string): Opened => ({ ok: false, reason });
  const whole = decode(note);
  if (whole === undefined || !wellFormed(whole)) return refused('it is not UTF-8 text without control characters');
  const at = whole.lastIndexOf('\n\n');
  if (at < 0 || !whole.endsWith('\n')) return refused('it has no signature block');
  const text = whole.slice(0, at + 1);
  const lines = whole.slice(at + 2, -1).split('\n');
  if (lines.length > (only ? 1 : maxSignatures)) return refused(`it has ${lines.length} signatures`);
  let signed = false;
  for (const line of lines) {
    const match = /^— (\S+) (\S+)$/u.exec(line);
    const blob = match?.[2] === undefined ? undefined : strictBase64(match[2]);
    if (match?.[1] === undefined || blob === undefined || blob.length < 5) return refused('a signature line is malformed');
    if (match[1] !== key.name || blob.subarray(0, 4).toString('hex') !== key.id) continue;
    if (!verify(null, Buffer.from(text, 'utf8'), publicKeyOf(key), blob.subarray(4)))
      return refused(`the signature of ${key.name} does not fit the text`);
    signed = true;
  }
  return signed ? { ok: true, text } : refused(`it is not signed by ${key.line}`);
}

const publicKeyOf = (key: NoteKey): KeyObject =>
  createPublicKey({ key: Buffer.concat([spki, key.publicKey]), format: 'der', type: 'spki' });

/** Standard base64 in its one canonical spelling: Node's own decoder would let stray bits and characters pass. */
export function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function wellFormed(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x20 && code !== 0x0a) return false;
  }
  return true;
}
