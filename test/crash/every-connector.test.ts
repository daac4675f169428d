// Every connector that writes, in front of its real server where there is one: workers die at the boundaries of a reset and answers get lost.
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openKeyring } from '../../src/seal/keyring.ts';
import { openSeal } from '../../src/seal/seal.ts';
import { dataKeysIn } from '../../src/store/data-keys.ts';
import { testStore } from '../harness/store.ts';
import { gateOf } from './cut-off.ts';
import { drawn, everyPoint } from './points.ts';
import { rehearse, type Subject, type Swept, sweep, writers } from './sweep.ts';
import { start as startFile } from './targets/file.ts';
import { start as startInMemory } from './targets/in-memory.ts';
import { storeTargets, systemTargets } from './targets.ts';

/** How many of its points each connector is swept at: a longer sweep takes more of the same. */
const most = Number(process.env.REKEY_SWEEP_POINTS ?? 14);
const only = process.env.REKEY_SWEEP_CONNECTORS?.split(',');
/**
 * They are swept when a longer sweep is asked for (`CONNECTORS=all npm run bench -- crash`): a domain controller has an address that only one can have,
 * and its suites run beside this one; each certificate of x509 is several runs of openssl, four minutes for ten points.
 */
const long: ReadonlySet<string> = new Set(['active-directory', 'x509']);
const isSwept = (id: string): boolean =>
  only === undefined ? process.env.REKEY_SWEEP_POINTS !== undefined || !long.has(id) : only.includes(id);

/** Most of a sweep is waiting, but servers start with it. */
const few = gateOf(3);

const left = { lost: 0, orphans: 0, stale: 0, unresolved: 0, astray: 0, why: [] };
const nothing = { ...left, rewrites: 0 };
const keysVariable = 'REKEY_SWEEP_KEYS';
process.env[keysVariable] = `sweep:${randomBytes(32).toString('base64')}`;

type Case = { readonly name: string; readonly start: (accounts: number) => Promise<Subject> };
const cases: Case[] = [];
for (const [id, load] of Object.entries(systemTargets))
  for (const [form, start] of Object.entries(await load()))
    cases.push({
      name: form === 'start' ? id : `${id}, ${form}`,
      start: async (accounts) => ({ system: await start(accounts), store: await startFile() }),
    });
for (const [id, load] of Object.entries(storeTargets))
  for (const start of Object.values(await load()))
    cases.push({ name: id, start: async (accounts) => ({ system: await startInMemory(accounts), store: await start(accounts) }) });

async function swept({ name, start }: Case): Promise<Swept> {
  const { store, close } = await testStore();
  const seal = openSeal({ keyring: await openKeyring({ provider: 'env', variable: keysVariable }), dataKeys: dataKeysIn(store) });
  const subject = await start(most + 2);
  try {
    const ground = { store, seal };
    const rehearsed = await rehearse(ground, subject, subject.system.accounts);
    expect(rehearsed.findings).toEqual(left);
    const chunks = (subject.system.behind ?? subject.store.behind) === undefined ? 0 : 3;
    const points = drawn(everyPoint(rehearsed.hands, chunks, name), Math.min(most, subject.system.most ?? most), name);
    return await sweep(ground, subject, subject.system.accounts.slice(2), points);
  } finally {
    await subject.system.stop();
    await subject.store.stop();
    await close();
  }
}

describe('workers that die and answers that get lost', () => {
  it('every connector that writes is swept', async () => {
    const { systems, stores } = await writers();
    expect(Object.keys(systemTargets).sort(), 'a file in test/crash/targets and a line in test/crash/targets.ts').toEqual(systems.sort());
    expect(Object.keys(storeTargets).sort(), 'a file in test/crash/targets and a line in test/crash/targets.ts').toEqual(stores.sort());
  });
});

describe('no live value is unknown to the escrow, no slot orphaned, nothing left in doubt, nothing settled written again', () => {
  it.concurrent.for(cases.filter(({ name }) => isSwept(name.split(',')[0] ?? '')))('$name', async (each, { expect }) => {
    const result = await few(() => swept(each));
    if (process.env.REKEY_SWEEP_LOG !== undefined)
      appendFileSync(process.env.REKEY_SWEEP_LOG, `${JSON.stringify({ connector: each.name, ...result })}\n`);
    expect(result).toMatchObject(nothing);
    expect(result.deaths).toBeGreaterThan(0);
    expect(result.swallowed).toBeGreaterThan(0);
  });
});
