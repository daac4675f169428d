// Signs notes (c2sp.org/signed-note) with the log's key, whose private half stays where it is sealed.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { nodeCryptography } from '../cryptography/node.ts';
import { type NoteKey, noteKey as noteKeyWith, wellFormed } from './note.ts';

const marker = '— ';
const noteKey = (name: string, publicKey: Uint8Array): NoteKey => noteKeyWith(nodeCryptography.sha256, name, publicKey);

/** Signs the text of a note. The private half stays where it is sealed. */
export interface Signer {
  readonly key: NoteKey;
  sign(text: Uint8Array): Promise<Uint8Array>;
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
