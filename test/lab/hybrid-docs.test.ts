// The page about trying Rekey on real servers: its estate comes up by the command it names, its commands print what it shows, and nothing stays behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stillRunning, stopRecorded } from '../../lab/recorded.ts';
import { play, root, stepsIn } from '../harness/console-blocks.ts';

const home = mkdtempSync(join(tmpdir(), 'rekey-real-servers-'));
const dir = join(home, 'rekey-lab');
let up: ChildProcess;

/** In the folder that `~/rekey-lab` is on the page. */
function start(...pick: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(root, 'node_modules/tsx/dist/cli.mjs'), 'lab/up.ts', dir, ...pick], { cwd: root });
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (/systems are up after/.test(said)) resolve(child);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => reject(new Error(`lab:up ended with ${code}: ${said}`)));
  });
}
const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : new Promise((resolve) => child.once('exit', () => resolve()));

beforeAll(async () => {
  up = await start();
}, 300_000);
afterAll(async () => {
  up?.kill('SIGKILL');
  await stopRecorded(dir);
  rmSync(home, { recursive: true, force: true });
});

test('every command is typed, ends and prints as shown', async () => {
  const name = 'docs/real-servers.md';
  const steps = stepsIn(readFileSync(join(root, name), 'utf8'), name);
  expect(steps.length).toBeGreaterThan(12);
  expect(await play(steps, { name, folder: home, env: { HOME: home, REKEY_USER: 'lead' } })).toEqual([]);
}, 600_000);

test('what was interrupted stops every server it started; what was killed is stopped by the recorded process ids', async () => {
  up.kill('SIGTERM');
  await ended(up);
  expect(stillRunning(dir)).toEqual([]);
  rmSync(dir, { recursive: true });
  up = await start('cache', 'orders-db', 'corp-ldap', 'build-host');
  up.kill('SIGKILL');
  await ended(up);
  expect(stillRunning(dir).length).toBeGreaterThan(3);
  expect(await stopRecorded(dir)).toBeGreaterThan(3);
  expect(stillRunning(dir)).toEqual([]);
}, 300_000);
