// The lab stops what it started and nothing else: a number is given out again once its process is gone.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { signalServer, startServer, stopServer } from '../../lab/process.ts';

const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-process-'));
const pidFile = join(dir, 'pid');
const start = () => startServer({ command: 'sleep', args: ['600'], log: join(dir, 'log'), pidFile });
let stranger: ChildProcess | undefined;

afterEach(() => {
  stranger?.kill('SIGKILL');
  stranger = undefined;
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('a server is stopped, and its pid file goes with it', async () => {
  const { pid } = await start();
  expect(signalServer(pidFile, 0)).toBe(true);
  await stopServer(pidFile);
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  expect(existsSync(pidFile)).toBe(false);
});

for (const what of ['process', 'group'] as const)
  test(`a ${what} that bears the number of one that is gone is left alone`, async () => {
    await start();
    const [, began] = readFileSync(pidFile, 'utf8').split('\n');
    await stopServer(pidFile);
    const other = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    stranger = other;
    await new Promise((resolve) => other.once('spawn', resolve));
    // Its own start is some ticks later than that of the one recorded.
    writeFileSync(pidFile, `${other.pid}\n${Number(began) - 1}\n`);
    expect(signalServer(pidFile, 'SIGTERM', what)).toBe(false);
    await stopServer(pidFile, what);
    expect([other.exitCode, other.signalCode, process.kill(other.pid as number, 0)]).toEqual([null, null, true]);
  });
