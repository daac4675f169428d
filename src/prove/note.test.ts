// Notes agree with the published examples, and no byte of one can change unseen.
import { expect, test } from 'vitest';
import { nodeCryptography } from '../cryptography/node.ts';
import { webCryptography } from '../cryptography/web.ts';
import { checkpointText, parseCheckpoint } from './checkpoint-text.ts';
import { noteKey as noteKeyWith, openNote as openNoteWith, parseNoteKey as parseNoteKeyWith } from './note.ts';
import { newLogKey, signerOf, signNote } from './sign-note.ts';

const { sha256 } = nodeCryptography;
const noteKey = (name: string, key: Uint8Array) => noteKeyWith(sha256, name, key);
const parseNoteKey = (line: string) => parseNoteKeyWith(sha256, line);
/** A browser must say what Node says, of every note. */
const openNote = async (note: Uint8Array, key: Parameters<typeof openNoteWith>[1], options = {}) => {
  const said = await openNoteWith(note, key, nodeCryptography, options);
  expect(await openNoteWith(note, key, webCryptography, options)).toEqual(said);
  return said;
};

// From the tests of golang.org/x/mod/sumdb/note: a key pair, a text and the signature that pair gives.
const neumannSeed = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1);
const neumannKey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const neumannText = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const neumannNote = `${neumannText}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;
// From c2sp.org/signed-note.
const fooKey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const fooNote =
  'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

const seedOf =
  (seed: Uint8Array) =>
  <T>(f: (seed: Uint8Array) => T) =>
    f(seed);
const keyOf = (line: string) => {
  const key = parseNoteKey(line);
  if (key === undefined) throw new Error(`not a key: ${line}`);
  return key;
};

test('signing gives the bytes the Go tools give, and both published notes open', async () => {
  const signer = await signerOf('PeterNeumann', seedOf(neumannSeed));
  expect(signer.key.line).toBe(neumannKey);
  expect(await signNote(neumannText, signer)).toBe(neumannNote);
  expect(await openNote(Buffer.from(neumannNote), keyOf(neumannKey))).toEqual({ ok: true, text: neumannText });
  expect(await openNote(Buffer.from(fooNote), keyOf(fooKey))).toEqual({ ok: true, text: 'This is an example message.\n' });
});

test('a flipped bit anywhere in a note is refused', async () => {
  const note = Buffer.from(neumannNote);
  for (let i = 0; i < note.length; i += 1)
    for (let bit = 0; bit < 8; bit += 1) {
      const altered = Buffer.from(note);
      altered[i] = (altered[i] as number) ^ (1 << bit);
      expect(await openNote(altered, keyOf(neumannKey)), `byte ${i} bit ${bit}`).toMatchObject({ ok: false });
    }
});

test('a flipped bit anywhere in a key line is refused', async () => {
  const line = Buffer.from(neumannKey);
  for (let i = 0; i < line.length; i += 1)
    for (let bit = 0; bit < 7; bit += 1) {
      const altered = Buffer.from(line);
      altered[i] = (altered[i] as number) ^ (1 << bit);
      expect(parseNoteKey(altered.toString('latin1')), `byte ${i} bit ${bit}`).toBeUndefined();
    }
});

test("a witness may add its signature, but not to a note that allows one signer, and a stranger's signature alone is nothing", async () => {
  const witness = newLogKey('witness.example/w');
  const cosigned = await signNote(neumannText, await signerOf('witness.example/w', seedOf(witness.seed)));
  const both = neumannNote + cosigned.slice(cosigned.lastIndexOf('—'));
  expect(await openNote(Buffer.from(both), keyOf(neumannKey))).toMatchObject({ ok: true });
  expect(await openNote(Buffer.from(both), keyOf(neumannKey), { only: true })).toMatchObject({ ok: false });
  expect(await openNote(Buffer.from(cosigned), keyOf(neumannKey))).toMatchObject({ ok: false });
  expect(await openNote(Buffer.from(cosigned), witness.key)).toMatchObject({ ok: true });
});

test('names that would make a note ambiguous are refused', async () => {
  const key = new Uint8Array(32);
  for (const name of ['', 'a b', 'a+b', 'a b', 'a\nb', 'a\u0000b'])
    expect(() => noteKey(name, key), JSON.stringify(name)).toThrow(TypeError);
});

test('a checkpoint reads back, and other spellings of it are refused', async () => {
  const head = { origin: 'rekey/acme/R-7K3QX2MA', size: 20852163, root: Buffer.alloc(32, 7) };
  expect(parseCheckpoint(checkpointText(head))).toEqual({ ...head, root: new Uint8Array(head.root) });
  const root = head.root.toString('base64');
  for (const text of [
    `o\n01\n${root}\n`,
    `o\n-1\n${root}\n`,
    `\n1\n${root}\n`,
    `o\n1\n${root.slice(0, -4)}\n`,
    `o\n1\n${root}`,
    `o\n1\n${root}\nextension\n`,
    `o\n1.0\n${root}\n`,
  ])
    expect(parseCheckpoint(text), JSON.stringify(text)).toBeUndefined();
});
