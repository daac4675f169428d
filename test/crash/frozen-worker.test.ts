import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrol, judge, startChain } from '../../bench/crash/chain.ts';
import { type CrashSetup, keysVariable, openAll } from '../../bench/crash/setup.ts';
import type { Target } from '../../bench/crash/targets.ts';
import { type BenchStore, postgresServer } from '../../bench/overhead/stores.ts';
import { twinOracle } from '../../src/connectors/twin/oracle.ts';
import { initialSecret } from '../../src/connectors/twin/seeded.ts';

const people = 60;
const worker = fileURLToPath(new URL('./worker-process.ts', import.meta.url));
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let bench: BenchStore;
let dir: string;
let setup: CrashSetup;
let target: Target;
beforeAll(async () => {
  bench = await postgresServer();
  process.env[keysVariable] = bench.keys;
  dir = mkdtempSync(join(tmpdir(), 'rekey-frozen-'));
  const file = join(dir, 'twin.log');
  const config = {
    seed: 'frozen',
    accounts: { people, services: 0, unowned: 0, shared: 0, disabled: 0, privileged: 0 },
    latencyMs: 150,
    state: { file },
  };
  target = {
    system: { id: 'twin', connector: 'twin', config },
    initial: (_name, id) => initialSecret('frozen', 'twin', id),
    accepts: async (_name, id, secret) => {
      const oracle = twinOracle('twin', config, file);
      const accepts = oracle.accepts(id, secret);
      oracle.close();
      return accepts;
    },
    swallow: () => undefined,
    swallowed: () => 0,
    stop: async () => undefined,
  };
  setup = { where: bench.where, systems: [target.system], ledger: join(dir, 'ledger.ndjson') };
  writeFileSync(join(dir, 'setup.json'), JSON.stringify(setup));
  writeFileSync(setup.ledger, '');
});
afterAll(async () => {
  await bench.close();
  rmSync(dir, { recursive: true, force: true });
});

function start(): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', worker, join(dir, 'setup.json')], { stdio: ['ignore', 'pipe', 'inherit'] });
}
const ended = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once('exit', (code) => resolve(code)));

describe('a worker that stops for longer than its lease', () => {
  it('a frozen worker is taken over, and when it wakes it writes nothing', async () => {
    const parts = await openAll(setup);
    await enrol(parts, [target]);
    const run = await startChain(parts.store, parts.seal);
    const first = start();
    const firstEnded = ended(first);
    const begun = async (): Promise<number> =>
      (await parts.store.query<{ n: number }>(`select count(*)::int as n from item where state <> 'planned'`))[0]?.n ?? 0;
    for (let i = 0; i < 300 && (await begun()) < 10; i++) await sleep(100);
    expect(await begun()).toBeGreaterThanOrEqual(10);
    first.kill('SIGSTOP');
    const second = start();
    const secondEnded = ended(second);
    for (let i = 0; i < 900; i++) {
      const [row] = await parts.store.query<{ state: string }>(`select state from run where id = $1`, [run]);
      if (row?.state !== 'running') break;
      await sleep(100);
    }
    const woken = Date.now();
    first.kill('SIGCONT');
    expect(await secondEnded).toBe(0);
    await firstEnded;
    const [state] = await parts.store.query<{ state: string }>(`select state from run where id = $1`, [run]);
    expect(state).toEqual({ state: 'complete' });
    const lines = readFileSync(setup.ledger, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { pid: number; at: number });
    expect(lines.filter((l) => l.pid === first.pid && l.at >= woken)).toEqual([]);
    expect(lines.some((l) => l.pid === second.pid)).toBe(true);
    expect(await judge(parts, run, [target])).toEqual({ lost: 0, unresolved: 0 });
    await parts.connections.close();
    await parts.store.close();
  });
});
