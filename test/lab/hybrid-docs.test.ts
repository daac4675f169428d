// The page about trying Rekey on real servers: its estate comes up by the command it names, its commands print what it shows, and nothing stays behind.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stillRunning, stopRecorded } from '../../lab/recorded.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs', 'real-servers.md'), 'utf8');
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
  mkdirSync(join(home, 'bin'));
  writeFileSync(join(home, 'bin', 'rekey'), `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'bin', 'rekey.js')}" "$@"\n`, {
    mode: 0o755,
  });
  up = await start();
}, 300_000);
afterAll(async () => {
  up?.kill('SIGKILL');
  await stopRecorded(dir);
  rmSync(home, { recursive: true, force: true });
});

test('every command is typed, ends and prints as shown', async () => {
  expect(await play()).toEqual([]);
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

/** A `$ ` line is a command, those below it what it prints (… for anything), `exit N` its code where that is not 0. */
async function play(): Promise<string[]> {
  const steps: { command: string; shown: string[]; exit: number }[] = [];
  for (const [, block = ''] of page.matchAll(/^```console\n([\s\S]*?)^```/gm))
    for (const line of block.split('\n').filter((each) => each.trim() !== '')) {
      const last = steps.at(-1);
      if (line.startsWith('$ ')) steps.push({ command: line.slice(2), shown: [], exit: 0 });
      else if (last !== undefined && /^exit \d+$/.test(line)) last.exit = Number(line.slice(5));
      else last?.shown.push(line);
    }
  expect(steps.length).toBeGreaterThan(12);
  const script = steps
    .map(({ command }, n) => `{ ${command}\n} >"${home}/${n}.out" 2>&1 </dev/null; echo $? >"${home}/${n}.exit"`)
    .join('\n');
  writeFileSync(join(home, 'script'), script);
  const env = { ...process.env, HOME: home, PATH: `${join(home, 'bin')}:${process.env.PATH}`, REKEY_USER: 'lead', LC_ALL: 'C.UTF-8' };
  await new Promise<void>((done) => execFile('bash', [join(home, 'script')], { cwd: home, env, timeout: 500_000 }, () => done()));
  for (const [n, { command, shown, exit }] of steps.entries()) {
    const out = readFileSync(join(home, `${n}.out`), 'utf8');
    const code = Number(readFileSync(join(home, `${n}.exit`), 'utf8'));
    if (code !== exit) return [`${command}: documented exit ${exit}, was ${code}\n${out}`];
    const missing = shown.find((line) => !stamp(line).test(out));
    if (missing !== undefined) return [`${command}: documented but not printed: ${missing}\n${out}`];
  }
  return [];
}

const stamp = (text: string): RegExp =>
  new RegExp(
    text
      .trim()
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ +/g, '\\s+'))
      .join('.*'),
  );
