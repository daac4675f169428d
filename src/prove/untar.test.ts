// A bundle taken out of an archive is, byte for byte, what was put in, and what is no archive says so.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { untar } from './untar.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-untar-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function tarred(files: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const outer = mkdtempSync(join(folder, 'b-'));
  const inner = join(outer, 'evidence');
  mkdirSync(inner);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(inner, name), content);
  return new Uint8Array(execFileSync('tar', ['-cf', '-', '-C', outer, 'evidence']));
}

it('an archive that tar made is read back, whatever the sizes', () => {
  const files = { 'key.pub': 'k\n', leaves: '', 'items.ndjson': 'x'.repeat(512), 'report.html': 'ü'.repeat(1000) };
  const read = untar(tarred(files));
  expect(Object.fromEntries([...read].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]))).toEqual(files);
});

it('what is no archive, or half of one, is refused', () => {
  const whole = tarred({ 'report.html': 'y'.repeat(5000) });
  expect(() => untar(new Uint8Array(2048).fill(65))).toThrow('not a tar archive');
  expect(() => untar(new Uint8Array(0))).toThrow('not a tar archive');
  expect(() => untar(whole.slice(0, 4000))).toThrow('cut short');
});
