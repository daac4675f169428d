// Rekey against a real Samba controller, divided by a bare client doing the same double reset and the same four binds at its best concurrency; and the
// time the planner predicted for the same accounts beside the time they took. Both in seconds.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSamba } from '../lab/samba.ts';
import { activeDirectory } from '../src/connectors/active-directory/active-directory.ts';
import type { Found } from '../src/kit/capability.ts';
import { paceOf } from '../src/plan/predict.ts';
import { Connections } from '../src/wire/connections.ts';
import { estateOf } from '../test/harness/campaign.ts';
import { bareClient } from './ad/bare.ts';
import { type Account, drain, seed } from './overhead/campaign.ts';
import { openBench, pgliteFolder, postgresServer } from './overhead/stores.ts';

const perRound = Number(process.env.ACCOUNTS ?? 60);
const rounds = Number(process.env.ROUNDS ?? 3);
// A controller has one writer: measured, four at a time are as fast as eight, and each waits half as long.
const concurrency = Number(process.env.CONCURRENCY ?? 4);
const levels = [1, 2, 4, 8].filter((level) => level <= concurrency);

const dir = mkdtempSync(join(tmpdir(), 'rekey-bench-ad-'));
const lab = await startSamba({ dir, people: 0, lockable: 0, strict: 0, services: perRound * (rounds * 2 + 2) });
process.env.REKEY_BENCH_AD = lab.rekey.password;
const url = lab.controllers[0]?.url as string;
const config = activeDirectory.config.parse({
  controllers: [url],
  ca: lab.ca,
  bind: { user: lab.rekey.user, password: { env: 'REKEY_BENCH_AD' } },
  filter: '(sAMAccountName=svc-*)',
});
const estate = estateOf({ bench: config }, 'active-directory');
const connections = new Connections(estate, { 'active-directory': async () => activeDirectory as never }, process.env);
const opened = await connections.open('bench');
const bench = process.env.STORE === 'postgres' ? await postgresServer() : await pgliteFolder();
const { store, seal } = await openBench(bench);

const all = await everyone();
let taken = 0;
const next = (): Found[] => {
  taken += perRound;
  return all.slice(taken - perRound, taken);
};
// The connector declares what it costs before anything is measured: that is what the first plan of an estate goes by.
const spec = estate.systems[0] as (typeof estate.systems)[number];
const predicted = paceOf({ ...spec, limits: { ...spec.limits, concurrency } }, activeDirectory as never, {}, () => undefined).seconds(
  perRound,
);
await rekey(next());
await bare(next());
const own: number[] = [];
const reference: number[] = [];
for (let round = 0; round < rounds; round++) {
  const seconds = await rekey(next());
  own.push(perRound / seconds);
  const best = await bare(next());
  reference.push(best.perSecond);
  print({ bench: 'ad', round, store: bench.kind, own: tenth(own.at(-1) ?? 0), bare: tenth(best.perSecond), at: best.concurrency });
}
const perSecond = median(own);
const ratio = Math.round((perSecond / median(reference)) * 100) / 100;
print({ bench: 'ad', ratio, perSecond: tenth(perSecond), predicted: tenth(predicted), actual: tenth(perRound / perSecond) });
await connections.close();
await store.close();
await bench.close();
await lab.stop();
rmSync(dir, { recursive: true, force: true });
process.exit(0);

async function rekey(found: readonly Found[]): Promise<number> {
  const accounts: Account[] = found.map((f) => ({ id: f.id, name: f.name, locator: f.locator ?? null, old: lab.firstPassword(f.name) }));
  const seeded = await seed(store, seal, accounts);
  const began = performance.now();
  await drain(store, seal, seeded, { connection: opened.connection, limits: { concurrency, perSecond: 1e9 } });
  return (performance.now() - began) / 1000;
}

function bare(found: readonly Found[]): ReturnType<typeof bareClient> {
  const accounts = found.map((f) => ({ dn: f.locator as string, old: lab.firstPassword(f.name) }));
  return bareClient({ url, ca: readFileSync(lab.ca), user: lab.rekey.user, password: lab.rekey.password, accounts, levels });
}

async function everyone(): Promise<Found[]> {
  const found: Found[] = [];
  let cursor: string | undefined;
  do {
    const page = await opened.connection.inventory?.page({ limit: 500, ...(cursor === undefined ? {} : { cursor }) });
    if (page?.kind !== 'done') throw new Error(`inventory: ${page?.kind === undefined ? 'none' : page.fault.message}`);
    found.push(...page.value.items.filter(({ name }) => name.startsWith('svc-')));
    cursor = page.value.next;
  } while (cursor !== undefined);
  return found;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
