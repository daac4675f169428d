// kill -9 at seeded points over every durable boundary, and answers lost after the target applied them, on both stores: nothing lost, nothing left in doubt, nothing settled written again. CONNECTORS=all: every connector that writes, with workers that die inside one process.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chance } from '../src/connectors/twin/seeded.ts';
import { childArgs } from './child.ts';
import { enrol, judge, startChain } from './crash/chain.ts';
import { sumOf, sweepConnectors } from './crash/connectors.ts';
import { type CrashSetup, keysVariable, openAll } from './crash/setup.ts';
import { startTargets } from './crash/targets.ts';
import { type BenchStore, pgliteFolder, postgresServer } from './overhead/stores.ts';

if (process.env.CONNECTORS !== undefined) {
  const { lines, passed } = await sweepConnectors(process.env.CONNECTORS, Number(process.env.POINTS ?? 120));
  for (const line of lines) print({ bench: 'crash', ...line });
  print({ bench: 'crash', connectors: lines.length, ...sumOf(lines) });
  process.exit(passed ? 0 : 1);
}

const wanted = Number(process.env.POINTS ?? 300);
const seed = process.env.SEED ?? '1';
const accounts = Number(process.env.ACCOUNTS ?? 5);
/** Kills in one chain before it is let through to its end and judged. */
const killsPerChain = 6;
const victim = childArgs(import.meta.url, './crash/victim');

const dir = mkdtempSync(join(tmpdir(), 'rekey-crash-'));
const total = { points: 0, swallowed: 0, lost: 0, unresolved: 0, rewrites: 0 };
for (const make of [pgliteFolder, postgresServer]) await sweep(await make(), wanted / 2);
rmSync(dir, { recursive: true, force: true });
print({ bench: 'crash', ...total });
process.exit(total.lost + total.unresolved + total.rewrites === 0 && total.points >= wanted ? 0 : 1);

async function sweep(bench: BenchStore, points: number): Promise<void> {
  process.env[keysVariable] = bench.keys;
  const folder = mkdtempSync(join(dir, `${bench.kind}-`));
  const targets = await startTargets(folder, accounts);
  const setup: CrashSetup = { where: bench.where, systems: targets.map((t) => t.system), ledger: join(folder, 'ledger.ndjson') };
  const file = join(folder, 'setup.json');
  writeFileSync(file, JSON.stringify(setup));
  writeFileSync(setup.ledger, '');
  await withStore(setup, (parts) => enrol(parts, targets));
  let killed = 0;
  // How many boundaries a reset has when nobody cuts it short: the points are spread over all of them, the early ones more often, as a resumed run has fewer left.
  await withStore(setup, ({ store, seal }) => startChain(store, seal));
  const { boundaries } = await play(file, 0);
  for (let chain = 0; killed < points; chain++) {
    const run = await withStore(setup, ({ store, seal }) => startChain(store, seal));
    let kills = 0;
    for (let attempt = 0; kills < killsPerChain && attempt < killsPerChain * 2; attempt++) {
      for (const target of targets) if (chance(seed, bench.kind, chain, attempt, target.system.id) < 0.5) target.swallow();
      const at = 1 + Math.floor(chance(seed, bench.kind, chain, attempt) ** 1.5 * boundaries);
      const end = await play(file, at);
      if (!end.killed) break;
      kills++;
    }
    killed += kills;
    await play(file, 0);
    const judged = await withStore(setup, ({ store, escrow }) => judge({ store, escrow }, run, targets));
    total.lost += judged.lost;
    total.unresolved += judged.unresolved;
    print({ bench: 'crash', store: bench.kind, chain, kills, boundaries, ...judged });
  }
  total.points += killed;
  total.swallowed += targets.reduce((n, t) => n + t.swallowed(), 0);
  total.rewrites += readFileSync(setup.ledger, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"rewrite":true')).length;
  for (const target of targets) await target.stop();
  await bench.close();
}

async function withStore<T>(setup: CrashSetup, work: (parts: Awaited<ReturnType<typeof openAll>>) => Promise<T>): Promise<T> {
  const parts = await openAll(setup);
  try {
    return await work(parts);
  } finally {
    await parts.connections.close();
    await parts.store.close();
  }
}

/** One worker process; `at` 0 lets it finish. A victim that ends by itself without having finished is an error of the product. */
function play(file: string, at: number): Promise<{ killed: boolean; boundaries: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...victim, file, String(at)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    const late = setTimeout(() => child.kill('SIGTERM'), 120_000);
    child.on('exit', (code, signal) => {
      clearTimeout(late);
      if (signal === 'SIGKILL') resolve({ killed: true, boundaries: 0 });
      else if (code === 0) resolve({ killed: false, boundaries: (JSON.parse(out) as { boundaries: number }).boundaries });
      else reject(new Error(`the worker ended with ${code ?? signal} at boundary ${at}`));
    });
  });
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
