// A second implementation, written from RFC 9162, c2sp.org/signed-note and c2sp.org/tlog-checkpoint alone, agrees with what we write. It imports nothing of ours to verify.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sampleRun } from '../../test/harness/sample-run.ts';
import { writeBundle } from './bundle.ts';
import { signCheckpoint } from './checkpoint.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

// RFC 9162, 2.1.1: MTH({}) = HASH(), MTH({d0}) = HASH(0x00 || d0), MTH(D) = HASH(0x01 || MTH(D[0:k]) || MTH(D[k:n]))
const sha = (...parts: Uint8Array[]): Buffer => parts.reduce((h, part) => h.update(part), createHash('sha256')).digest();
function mth(d: readonly Buffer[]): Buffer {
  if (d.length === 0) return sha();
  if (d.length === 1) return sha(Buffer.of(0), d[0] as Buffer);
  let k = 1;
  while (k << 1 < d.length) k <<= 1;
  return sha(Buffer.of(1), mth(d.slice(0, k)), mth(d.slice(k)));
}

// signed-note: text, blank line, "— name base64(id || signature)"
function openedBy(vkey: string, note: string): string | undefined {
  const [name = '', id = '', ...rest] = vkey.split('+');
  const typed = Buffer.from(rest.join('+'), 'base64');
  if (sha(Buffer.from(name), Buffer.of(0x0a), typed).subarray(0, 4).toString('hex') !== id || typed[0] !== 1) return undefined;
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: typed.subarray(1).toString('base64url') }, format: 'jwk' });
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
  for (const line of note.slice(text.length + 1).split('\n')) {
    const [dash, signer, blob = ''] = line.split(' ');
    const bytes = Buffer.from(blob, 'base64');
    if (dash !== '—' || signer !== name || bytes.subarray(0, 4).toString('hex') !== id) continue;
    if (verify(null, Buffer.from(text), key, bytes.subarray(4))) return text;
  }
  return undefined;
}

test('an independent verifier accepts the checkpoint, its root over the lines, and every digest of the manifest', async () => {
  const sample = await sampleRun();
  const folder = await mkdtemp(join(tmpdir(), 'rekey-independent-'));
  folders.push(folder);
  await writeBundle(sample.deps, sample.run, await signCheckpoint(sample.deps, sample.run.id), folder);
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const vkey = (await read('key.pub')).trim();

  const [origin, size, root] = openedBy(vkey, await read('checkpoint'))?.split('\n') ?? [];
  const lines = (await read('entries.ndjson')).trimEnd().split('\n');
  expect(origin).toBe(`rekey/acme/${sample.run.id}`);
  expect(Number(size)).toBe(lines.length);
  expect(root).toBe(mth(lines.map((line) => Buffer.from(line))).toString('base64'));

  const manifest = await read('manifest.json');
  expect(openedBy(vkey, await read('manifest.note'))?.split('\n')[2]).toBe(
    `manifest.json sha256 ${sha(Buffer.from(manifest)).toString('hex')}`,
  );
  const files = (JSON.parse(manifest) as { files: { name: string; size: number; sha256: string }[] }).files;
  for (const { name, size: bytes, sha256 } of files) {
    const content = await readFile(join(folder, name));
    expect([name, content.length, sha(content).toString('hex')]).toEqual([name, bytes, sha256]);
  }

  const leaves = await readFile(join(folder, 'leaves'));
  expect(leaves.equals(Buffer.concat(lines.map((line) => sha(Buffer.of(0), Buffer.from(line)))))).toBe(true);

  // and it is not one that accepts anything
  expect(openedBy(vkey, (await read('checkpoint')).replace(`\n${size}\n`, `\n${Number(size) + 1}\n`))).toBe(undefined);
});
