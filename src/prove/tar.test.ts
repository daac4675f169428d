// One archive holds exactly a bundle's files: another tool reads it, and not one byte outside of their contents can change unseen.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { concat, utf8 } from '../cryptography/bytes.ts';
import { readTar, type TarFile, tarOf } from './tar.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-tar-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function* parts(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield utf8(text);
}
const file = (name: string, text: string): TarFile => ({ name, size: utf8(text).length, content: parts(text) });
async function packed(files: readonly TarFile[]): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const part of tarOf(files, new Date('2026-11-21T10:00:00Z'))) all.push(part);
  return concat(...all);
}
const read = (bytes: Uint8Array) => readTar(async (at, length) => bytes.subarray(at, at + length), bytes.length);
const contents = { 'report.html': 'x'.repeat(1000), empty: '', whole: 'y'.repeat(512), 'key.pub': 'k\n' };
const good = () => packed(Object.entries(contents).map(([name, text]) => file(name, text)));

test('what is packed is read again, by us and by tar', async () => {
  const bytes = await good();
  expect(bytes.length % 512).toBe(0);
  const found = await read(bytes);
  if (!found.ok) throw new Error(found.why);
  const texts = [...found.files].map(([name, { start, size }]) => [name, Buffer.from(bytes.subarray(start, start + size)).toString()]);
  expect(Object.fromEntries(texts)).toEqual(contents);
  writeFileSync(join(folder, 'a.tar'), bytes);
  execFileSync('tar', ['xf', 'a.tar'], { cwd: folder, timeout: 10_000 });
  for (const [name, text] of Object.entries(contents)) expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
  expect(readdirSync(folder).sort()).toEqual(['a.tar', ...Object.keys(contents)].sort());
});

test('a changed byte of a header, of the padding or of the end is refused', async () => {
  const bytes = await good();
  const found = await read(bytes);
  if (!found.ok) throw new Error(found.why);
  const inside = (at: number): boolean => [...found.files.values()].some(({ start, size }) => at >= start && at < start + size);
  for (let at = 0; at < bytes.length; at += 1) {
    if (inside(at)) continue;
    const altered = bytes.slice();
    altered[at] = (altered[at] ?? 0) ^ 1;
    expect((await read(altered)).ok, `byte ${at}`).toBe(false);
  }
  for (const cut of [0, 1, 511, 512, 700, bytes.length - 1024])
    expect((await read(bytes.subarray(0, cut))).ok, `cut at ${cut}`).toBe(false);
});

test('names that lead out of a folder, or come twice, are neither written nor read', async () => {
  for (const name of ['../x', '/etc/passwd', 'a/b', '.hidden', '', 'x\ny', 'x'.repeat(101)])
    await expect(packed([file(name, 'x')]), name).rejects.toThrow(TypeError);
  expect(await read(await packed([file('a', '1'), file('a', '2')]))).toMatchObject({ ok: false, why: 'a is in it twice' });
});

test('a file that does not have the size it was announced with ends in an error, not in an archive', async () => {
  await expect(packed([{ name: 'a', size: 3, content: parts('12') }])).rejects.toThrow('changed');
  await expect(packed([{ name: 'a', size: 1, content: parts('12') }])).rejects.toThrow('changed');
});
