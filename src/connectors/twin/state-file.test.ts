// The twin's file: it outlives a kill, is shared by processes and holds no value.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { secretOf } from '../../seal/secret.ts';
import { twinOracle } from './oracle.ts';
import { twin } from './twin.ts';

const system = 'corp';
const where = { path: 'login', replica: 'node-1' };
const v1 = secretOf('v1', 'Brand-new-value-1');
const v2 = secretOf('v2', 'Brand-new-value-2');
const one = { system, id: 'p-0000001', name: 'one' };
const base = { seed: 7, accounts: { people: 5, services: 5, unowned: 0, disabled: 0, shared: 0, privileged: 0 } };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekey-twin-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (config: object) =>
  twin.open(twin.config.parse(config), {
    system,
    timeoutMs: 1000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: () => Promise.reject(new Error('not asked for')),
    path: (relative) => join(folder, relative),
  });

describe('the state file', () => {
  const config = { ...base, state: { file: 'corp.twin' }, lockout: { threshold: 3 } };

  test('a process killed in the middle of its writes leaves every applied change, and no value, in the file', async () => {
    const here = (path: string): string => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
    const script = `
      import { twin } from ${here('./twin.ts')};
      import { secretOf } from ${here('../../seal/secret.ts')};
      const io = { system: 'corp', timeoutMs: 1000, signal: new AbortController().signal, now: () => new Date(), path: (p) => ${JSON.stringify(folder)} + '/' + p };
      const connection = await twin.open(twin.config.parse(${JSON.stringify(config)}), io);
      for (let n = 1; ; n++) {
        await connection.setSecret.set({ system: 'corp', id: 'p-000000' + (1 + n % 5), name: '' }, secretOf('v', 'Canary-value-' + n));
        process.stdout.write(n + '\\n');
      }`;
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let confirmed = 0;
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        confirmed = Math.max(confirmed, ...String(chunk).split('\n').map(Number));
        if (confirmed > 200) child.kill('SIGKILL');
      });
      child.once('close', () => resolve());
    });
    const oracle = twinOracle(system, config, join(folder, 'corp.twin'));
    const last = confirmed;
    const ids = [1, 2, 3, 4, 5].map((n) => `p-000000${n}`);
    const writes = ids.reduce((sum, id) => sum + oracle.writes(id), 0);
    // Killed between a change and its confirmation: one more than was confirmed is possible, one less is not.
    expect(writes).toBeGreaterThanOrEqual(last);
    expect(writes).toBeLessThanOrEqual(last + 2000);
    const live = (n: number): boolean => oracle.accepts(`p-000000${1 + (n % 5)}`, `Canary-value-${n}`);
    expect([4, 3, 2, 1, 0].map((back) => live(writes - back))).toEqual([true, true, true, true, true]);
    expect(live(writes - 5)).toBe(false);
    expect(readFileSync(join(folder, 'corp.twin'), 'utf8')).not.toContain('Canary');
    oracle.close();
  }, 30_000);

  test('two processes on one file see each other, with locks and blocks', async () => {
    const left = await open(config);
    const right = await open(config);
    await left.setSecret.set(one, v1);
    expect((await right.probe.attempt(one, v1, where)).verdict).toBe('accepted');
    await right.contain.block(one);
    expect((await left.probe.attempt(one, v1, where)).verdict).toBe('blocked');
    for (let n = 0; n < 3; n++) await left.probe.attempt(one, v2, where);
    expect((await right.probe.attempt(one, v1, where)).code).toBe('LOCKED');
    await left[Symbol.asyncDispose]();
    await right[Symbol.asyncDispose]();
    const again = await open(config);
    expect((await again.probe.attempt(one, v1, where)).code).toBe('LOCKED');
    await again[Symbol.asyncDispose]();
  });
});
