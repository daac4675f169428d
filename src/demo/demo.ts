// The whole path on a fictitious estate: the same commands people use, in a folder of its own, from discovery to verified evidence in under a minute.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { houseCaller } from '../access/caller.ts';
import { openEstate } from '../app.ts';
import { startApplications } from './applications.ts';
import { consumersHead, type DemoEstate, deafApplication, exposedHead, World, writeEstate } from './world.ts';

export type DemoOptions = {
  readonly seed: string;
  readonly rekey: (argv: readonly string[], folder: string) => Promise<number>;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
};

/** The story leaves work over: a host that is down, an account that keeps its old secret, an application that does not reload. */
const expected = 7;

export async function runDemo(options: DemoOptions): Promise<number> {
  const { say, seed } = options;
  const folder = mkdtempSync(join(tmpdir(), 'rekey-demo-'));
  say('DEMO · Harbour & Pine is fictitious, every system below is simulated in this process, nothing real is touched.');
  say(`DEMO · everything is in ${folder}`);
  const estate = { folder, seed, lasting: false };
  const world = new World(estate);
  const apps = await startApplications(join(folder, 'apps'), world.applications(), {
    oracle: (s) => world.oracle(s),
    deaf: deafApplication,
  });
  try {
    return await play(options, estate, world, apps.rows);
  } finally {
    await apps.close();
    world.close();
  }
}

async function play(options: DemoOptions, estate: DemoEstate, world: World, consumers: readonly string[]): Promise<number> {
  const { say, signal } = options;
  const { folder } = estate;
  const step = async (title: string, argv: readonly string[], allowed: readonly number[] = [0]): Promise<void> => {
    if (signal.aborted) throw new Stopped(130);
    say(`\nDEMO · ${title}\n$ rekey ${argv.map((a) => (/[\s"]/.test(a) ? `'${a}'` : a)).join(' ')}`);
    const code = await options.rekey(argv, folder);
    if (!allowed.includes(code)) throw new Stopped(code);
  };
  try {
    await step('an estate, its keyring and its store', ['init', folder]);
    writeEstate(estate);
    writeFileSync(join(folder, 'consumers.csv'), [consumersHead, ...consumers, ''].join('\n'));
    writeFileSync(join(folder, 'exposed.csv'), [exposedHead, ...world.leak(), ''].join('\n'), { mode: 0o600 });
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
