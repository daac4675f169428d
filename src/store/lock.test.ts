import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from './lock.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekey-lock-'));
  file = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const holder = () => JSON.parse(readFileSync(file, 'utf8')) as { pid: number; started: string | null; boot: string | null; host: string };
const hold = (change: Partial<ReturnType<typeof holder>>) => {
  const lock = lockFolder(folder);
  const mine = holder();
  lock.release();
  writeFileSync(file, JSON.stringify({ ...mine, ...change }));
};
const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid;

test('a second holder is refused by pid and remedy, and may come after the release', () => {
  const lock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(
    expect.objectContaining({ code: 'estate-locked', message: expect.stringContaining(String(process.pid)), place: file }),
  );
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
  lockFolder(folder).release();
});

test('another living process is named with the command that ends it', () => {
  const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
  try {
    hold({ pid: other.pid as number, started: null });
    expect(() => lockFolder(folder)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(`process ${other.pid}`),
        hint: expect.stringContaining(`kill ${other.pid}`),
      }),
    );
  } finally {
    other.kill('SIGKILL');
  }
});

test('the lock of a dead process is taken over', () => {
  hold({ pid: deadPid() });
  const lock = lockFolder(folder);
  expect(holder().pid).toBe(process.pid);
  expect(readdirSync(folder)).toEqual(['lock']);
  lock.release();
});

test.runIf(existsSync('/proc/self/stat'))('a pid that is in use again by a later process counts as dead', () => {
  hold({ started: '1' });
  lockFolder(folder).release();
});

test.runIf(existsSync('/proc/sys/kernel/random/boot_id'))('a lock from before a restart of the machine counts as dead', () => {
  hold({ boot: 'another boot' });
  lockFolder(folder).release();
});

test('a lock of another host is never taken over: its pid says nothing here', () => {
  hold({ pid: deadPid(), host: `not-${hostname()}` });
  expect(() => lockFolder(folder)).toThrow(
    expect.objectContaining({ code: 'estate-locked', hint: expect.stringContaining(`remove ${file}`) }),
  );
});

test('an unreadable lock is refused, not overwritten', () => {
  writeFileSync(file, 'garbage');
  expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'estate-locked', hint: expect.stringContaining('remove') }));
  expect(readFileSync(file, 'utf8')).toBe('garbage');
});

test('a release never removes a lock that somebody else holds by now', () => {
  const lock = lockFolder(folder);
  writeFileSync(file, JSON.stringify({ ...holder(), pid: 1 }));
  lock.release();
  expect(holder().pid).toBe(1);
});

test('of many processes that find a dead lock at once, exactly one takes it over', async () => {
  for (let round = 0; round < 3; round++) {
    rmSync(file, { force: true });
    hold({ pid: deadPid() });
    const source = `import { lockFolder } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
      while (Date.now() < Number(process.argv[2])) {}
      try { lockFolder(process.argv[1]); process.stdout.write('held'); } catch (e) { process.stdout.write(e.code); }
      setTimeout(() => {}, 1500);`;
    const start = String(Date.now() + 2_500);
    const outputs = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source, folder, start], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let out = '';
        child.stdout.on('data', (data) => {
          out += String(data);
        });
        await new Promise((resolve) => child.once('close', resolve));
        return out;
      }),
    );
    expect(outputs.sort()).toEqual(['estate-locked', 'estate-locked', 'estate-locked', 'held']);
  }
});
