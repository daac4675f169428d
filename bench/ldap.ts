// Rekey against a real slapd, divided by a bare client doing the same reset and the same four binds at its best concurrency, which is found before the rounds. fsync on, as in production.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSlapd } from '../lab/slapd.ts';
import { registry } from '../src/connectors/registry.gen.ts';
import type { Found } from '../src/kit/capability.ts';
import { Connections } from '../src/wire/connections.ts';
import { estateOf } from '../test/harness/campaign.ts';
import { bareClient } from './ldap/bare.ts';
import { type Account, drain, seed } from './overhead/campaign.ts';
import { openBench, pgliteFolder, postgresServer } from './overhead/stores.ts';

const perRound = Number(process.env.ACCOUNTS ?? 1200);
const rounds = Number(process.env.ROUNDS ?? 3);
const concurrency = Number(process.env.CONCURRENCY ?? 64);

const dir = mkdtempSync(join(tmpdir(), 'rekey-bench-ldap-'));
const slapd = await startSlapd({ dir, people: 0, services: perRound * (rounds * 2 + 2), loglevel: 'none', ppolicy: {} });
process.env.REKEY_BENCH_LDAP = slapd.bindPassword;
const config = {
  url: slapd.url,
  base: slapd.base,
  bind: { dn: slapd.bindDn, password: { env: 'REKEY_BENCH_LDAP' } },
  filter: '(uid=svc*)',
};
const connections = new Connections(estateOf({ bench: config }, 'ldap'), registry, process.env);
const opened = await connections.open('bench');
const bench = process.env.STORE === 'postgres' ? await postgresServer() : await pgliteFolder();
const { store, seal } = await openBench(bench);

const all = await everyone();
let taken = 0;
const next = (): Found[] => {
  taken += perRound;
  return all.slice(taken - perRound, taken);
};
await rekey(next());
const { concurrency: best } = await bare(next(), [8, 16, 32, 64]);
const own: number[] = [];
const reference: number[] = [];
for (let round = 0; round < rounds; round++) {
  own.push(await rekey(next()));
  const { perSecond } = await bare(next(), [best]);
  reference.push(perSecond);
  print({
    bench: 'ldap',
    round,
    store: bench.kind,
    own: Math.round(own.at(-1) ?? 0),
    bare: Math.round(perSecond),
    at: best,
  });
}
print({ bench: 'ldap', ratio: Math.round((median(own) / median(reference)) * 100) / 100, perSecond: Math.round(median(own)) });
await connections.close();
await store.close();
await bench.close();
await slapd.stop();
rmSync(dir, { recursive: true, force: true });
process.exit(0);

async function rekey(found: readonly Found[]): Promise<number> {
  const accounts: Account[] = found.map((f) => ({
    id: f.id,
    name: f.name,
    locator: f.locator ?? null,
    old: slapd.initialPassword(f.name.replace('uid=', '')),
  }));
  const seeded = await seed(store, seal, accounts);
  const began = performance.now();
  await drain(store, seal, seeded, { connection: opened.connection, limits: { concurrency, perSecond: 1e9 } });
  return found.length / ((performance.now() - began) / 1000);
}

function bare(found: readonly Found[], levels: readonly number[]): ReturnType<typeof bareClient> {
  const accounts = found.map((f) => ({ dn: f.locator as string, old: slapd.initialPassword(f.name.replace('uid=', '')) }));
  return bareClient({ url: slapd.url, bindDn: slapd.bindDn, bindPassword: slapd.bindPassword, accounts, levels });
}

async function everyone(): Promise<Found[]> {
  const found: Found[] = [];
  let cursor: string | undefined;
  do {
    const page = await opened.connection.inventory?.page({ limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
    if (page?.kind !== 'done') throw new Error(`inventory: ${page?.kind === undefined ? 'none' : page.fault.message}`);
    found.push(...page.value.items);
    cursor = page.value.next;
  } while (cursor !== undefined);
  return found;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
