// The whole path on a fictitious estate: the same commands people use, in a folder of its own, from discovery to verified evidence in under a minute.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { houseCaller } from '../access/caller.ts';
import { openEstate } from '../app.ts';
import { type TwinOracle, twinOracle } from '../connectors/twin/oracle.ts';
import { initialSecret } from '../connectors/twin/seeded.ts';
import { type Application, startApplications } from './applications.ts';
import { writeKeyPair } from './key-pair.ts';
import { canaryName, demoSystems, twinConfigOf } from './story.ts';

export type DemoOptions = {
  readonly seed: string;
  readonly rekey: (argv: readonly string[], folder: string) => Promise<number>;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
};

const applicationsWanted = 60;
/** The story leaves work over: a host that is down, an account that keeps its old secret, an application that does not reload. */
const expected = 7;

export async function runDemo(options: DemoOptions): Promise<number> {
  const { say, seed } = options;
  const folder = mkdtempSync(join(tmpdir(), 'rekey-demo-'));
  say('DEMO · Harbour & Pine is fictitious, every system below is simulated in this process, nothing real is touched.');
  say(`DEMO · everything is in ${folder}`);
  const world = new World(seed);
  const apps = await startApplications(join(folder, 'apps'), world.applications(), { oracle: (s) => world.oracle(s), deaf: 'app-07' });
  try {
    return await play(options, folder, world, apps.rows);
  } finally {
    await apps.close();
    world.close();
  }
}

async function play(options: DemoOptions, folder: string, world: World, consumers: readonly string[]): Promise<number> {
  const { say, signal } = options;
  const step = async (title: string, argv: readonly string[], allowed: readonly number[] = [0]): Promise<void> => {
    if (signal.aborted) throw new Stopped(130);
    say(`\nDEMO · ${title}\n$ rekey ${argv.map((a) => (/[\s"]/.test(a) ? `'${a}'` : a)).join(' ')}`);
    const code = await options.rekey(argv, folder);
    if (!allowed.includes(code)) throw new Stopped(code);
  };
  try {
    await step('an estate, its keyring and its store', ['init', folder]);
    writeEstate(folder, options.seed);
    writeFileSync(join(folder, 'consumers.csv'), ['system,account,consumer,store,ref,owner,reload,health', ...consumers, ''].join('\n'));
    writeFileSync(join(folder, 'exposed.csv'), ['system,account,secret', ...world.leak(), ''].join('\n'), { mode: 0o600 });
    await step('who is there', ['discover']);
    await step('what the attacker has: half of the secrets, and the names of the rest', ['import', 'exposed', 'exposed.csv']);
    await step('who uses what', ['import', 'consumers', 'consumers.csv']);
    await step('a plan', ['plan', '--where', 'all', '--reason', 'leaked directory export', '--incident', 'INC-42', '--name', 'eviction']);
    const plan = await latestPlan(folder);
    for (const name of ['alice', 'bob']) await step(`${name} approves`, ['approve', plan.id, '--as', name, '--key', `${name}.key`]);
    await step('the run', ['apply', plan.id, '--confirm', `eviction ${plan.rotate}`], [0, expected]);
    await step('the evidence', ['prove', await latestRun(folder), '-o', 'evidence'], [0, expected]);
    await step('verified offline', ['evidence', 'verify', 'evidence']);
    say(
      `\nDEMO · done. What is left is left on purpose: a host that is down, an account that keeps its old secret, an application that ignores its reload.`,
    );
    say(`DEMO · the report: ${join(folder, 'evidence', 'report.html')}`);
    say(`DEMO · your own estate: rekey init my-estate && cd my-estate && rekey doctor`);
    return 0;
  } catch (error) {
    if (error instanceof Stopped) return error.code;
    throw error;
  }
}

async function latestPlan(folder: string): Promise<{ id: string; rotate: number }> {
  const { services, close } = await openEstate({ folder });
  const { items } = await services.plans(reader, { limit: 1 });
  await close();
  const [plan] = items;
  if (plan === undefined) throw new Stopped(1);
  return { id: plan.id, rotate: plan.totals.rotate };
}

async function latestRun(folder: string): Promise<string> {
  const { services, close } = await openEstate({ folder });
  const { items } = await services.runs(reader, { limit: 1 });
  await close();
  const [run] = items;
  if (run === undefined) throw new Stopped(1);
  return run.id;
}

const reader = houseCaller('demo');

class Stopped extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`stopped with ${code}`);
    this.code = code;
  }
}

function writeEstate(folder: string, seed: string): void {
  const approvers = ['alice', 'bob'].map((name) => ({ name, key: writeKeyPair(join(folder, `${name}.key`), name) }));
  mkdirSync(join(folder, '.rekey'), { recursive: true });
  writeFileSync(join(folder, '.rekey', 'demo'), 'fictitious\n');
  const systems = demoSystems.map((s) => ({
    id: s.id,
    connector: 'twin',
    tier: s.tier,
    owner: `${s.id}@harbour-pine.example`,
    config: twinConfigOf(s, seed),
    canary: { account: canaryName },
  }));
  const estate = {
    apiVersion: 'rekey/v1',
    estate: 'harbour-and-pine',
    approvals: { count: 2, tier0: 2 },
    approvers,
    systems: [...systems, { id: 'app-files', connector: 'file', tier: 2, config: { root: '/' } }],
  };
  writeFileSync(join(folder, 'rekey.yaml'), `# DEMO: fictitious, simulated. Written by rekey demo.\n${stringify(estate)}`);
}

/** The twins as they are in this process, and what leaked of them. */
class World {
  readonly #seed: string;
  readonly #oracles = new Map<string, TwinOracle>();

  constructor(seed: string) {
    this.#seed = seed;
  }

  oracle(system: string): TwinOracle {
    const known = this.#oracles.get(system);
    if (known !== undefined) return known;
    const spec = demoSystems.find((s) => s.id === system);
    if (spec === undefined) throw new Error(`the demo has no system ${system}`);
    const oracle = twinOracle(system, twinConfigOf(spec, this.#seed));
    this.#oracles.set(system, oracle);
    return oracle;
  }

  #first(system: string, accountId: string): string {
    return initialSecret(`${this.#seed}/${system}`, system, accountId);
  }

  /** Every second account with its value, the others by name only. The canary is ours and did not leak. */
  leak(): string[] {
    const rows: string[] = [];
    for (const { id: system } of demoSystems)
      for (const [index, { id, name }] of [...this.oracle(system).accounts()].entries())
        if (name !== canaryName) rows.push(`${system},${name},${index % 2 === 0 ? this.#first(system, id) : ''}`);
    return rows;
  }

  applications(): (Application & { secret: string })[] {
    const found: (Application & { secret: string })[] = [];
    for (const system of ['cargo-erp', 'payroll', 'data-lake'])
      for (const { id, name } of this.oracle(system).accounts()) {
        if (name === canaryName || found.filter((f) => f.system === system).length >= applicationsWanted / 3) continue;
        found.push({
          id: `app-${String(found.length).padStart(2, '0')}`,
          system,
          account: name,
          accountId: id,
          secret: this.#first(system, id),
        });
      }
    return found;
  }

  close(): void {
    for (const oracle of this.#oracles.values()) oracle.close();
  }
}
