// A password file is replaced whole or not at all, by one writer at a time, and a change of somebody else is taken up.
import { spawnSync } from 'node:child_process';
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { done, refused } from '../../kit/kit.ts';
import { lockPath } from './file-lock.ts';
import { nextSecond, replaceText } from './replace-file.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rekey-password-file-'));
  file = join(dir, 'users');
  writeFileSync(file, 'a:1\n', { mode: 0o640 });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const limits = (ms = 2_000, signal = new AbortController().signal) => ({ until: performance.now() + ms, signal });
const text = (): string => readFileSync(file, 'utf8');

test('a hundred edits at once all arrive, and nothing is left beside the file', async () => {
  const edits = Array.from({ length: 100 }, (_, n) => replaceText(file, limits(20_000), (old) => done(`${old}u${n}:x\n`)));
  expect((await Promise.all(edits)).every(({ kind }) => kind === 'done')).toBe(true);
  expect(text().split('\n').filter(Boolean)).toHaveLength(101);
  expect(readdirSync(dir)).toEqual(['users']);
  expect(statSync(file).mode & 0o777).toBe(0o640);
});

test('what another program writes while we edit is taken up, not written over', async () => {
  let looks = 0;
  const outcome = await replaceText(file, limits(), (old) => {
    if (looks++ === 0) writeFileSync(file, `${old}foreign:2\n`);
    return done(old.replace('a:1', 'a:9'));
  });
  expect(outcome.kind).toBe('done');
  expect(text()).toBe('a:9\nforeign:2\n');
  expect(looks).toBe(2);
});

test('a file that never stands still is refused, unchanged by us', async () => {
  let n = 0;
  const outcome = await replaceText(file, limits(), (old) => {
    writeFileSync(file, `${old}f${n++}:2\n`);
    return done('ours');
  });
  expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'conflict', target: 'CHANGING' } });
  expect(text()).not.toContain('ours');
  expect(readdirSync(dir)).toEqual(['users']);
});

test('a refused edit, and one that changes nothing, leave the same file', async () => {
  const { ino } = statSync(file);
  expect((await replaceText(file, limits(), () => refused('not-found', 'no'))).kind).toBe('refused');
  expect((await replaceText(file, limits(), done)).kind).toBe('done');
  expect(statSync(file).ino).toBe(ino);
});

test('the lock of a living process is waited for, that of a dead one is taken over', async () => {
  writeFileSync(lockPath(file), `${process.pid} ${hostname()} other\n`);
  expect(await replaceText(file, limits(100), () => done('x'))).toMatchObject({ kind: 'refused', fault: { target: 'LOCKED' } });
  expect(text()).toBe('a:1\n');
  writeFileSync(lockPath(file), `${spawnSync('true').pid} ${hostname()} dead\n`);
  expect((await replaceText(file, limits(), () => done('x'))).kind).toBe('done');
  writeFileSync(lockPath(file), `1 another-machine x\n`);
  expect((await replaceText(file, limits(100), () => done('y'))).kind).toBe('refused');
  utimesSync(lockPath(file), Date.now() / 1000 - 120, Date.now() / 1000 - 120);
  expect((await replaceText(file, limits(), () => done('y'))).kind).toBe('done');
  expect(readdirSync(dir)).toEqual(['users']);
});

test('a stop before the turn comes writes nothing', async () => {
  const controller = new AbortController();
  controller.abort();
  expect(await replaceText(file, limits(1_000, controller.signal), () => done('x'))).toMatchObject({ fault: { target: 'ABORTED' } });
  expect(text()).toBe('a:1\n');
});

test('a file of two names is refused: the other name would keep the old secret', async () => {
  linkSync(file, join(dir, 'other'));
  expect(await replaceText(file, limits(), () => done('x'))).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
});

test('a symbolic link is followed and kept; what is missing is unreachable', async () => {
  symlinkSync(file, join(dir, 'link'));
  expect((await replaceText(join(dir, 'link'), limits(), () => done('x'))).kind).toBe('done');
  expect(text()).toBe('x');
  expect(await replaceText(join(dir, 'none'), limits(), () => done('x'))).toMatchObject({ fault: { code: 'unreachable' } });
});

test('what a killed process left behind is cleared away', async () => {
  writeFileSync(join(dir, '.users.rekey-new-1-dead'), 'half');
  expect((await replaceText(file, limits(), () => done('x'))).kind).toBe('done');
  expect(readdirSync(dir)).toEqual(['users']);
});

test('for readers that count in seconds each file has a second of its own', async () => {
  expect(nextSecond(1_000_900, 1_000_950)).toBe(1001);
  expect(nextSecond(1_005_000, 1_000_950)).toBe(1006);
  expect(nextSecond(900_000, 1_000_950)).toBe(1000);
  const seen = new Set([Math.floor(statSync(file).mtimeMs / 1000)]);
  for (const content of ['b', 'c', 'd']) {
    await replaceText(file, limits(), () => done(content), { freshSecond: true });
    seen.add(Math.floor(statSync(file).mtimeMs / 1000));
  }
  expect(seen.size).toBe(4);
});
