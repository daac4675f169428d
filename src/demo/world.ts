// The fictitious estate as files and as the twins behind it: who is there, what leaked, which applications use what.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { type TwinOracle, twinOracle } from '../connectors/twin/oracle.ts';
import { initialSecret } from '../connectors/twin/seeded.ts';
import type { Application } from './applications.ts';
import { writeKeyPair } from './key-pair.ts';
import { canaryName, demoSystems, twinConfigOf } from './story.ts';

const applicationsWanted = 60;
/** Of the applications, the one that ignores its reload, as one always does. */
export const deafApplication = 'app-07';
export const consumersHead = 'system,account,consumer,store,ref,owner,reload,health';
export const exposedHead = 'system,account,secret';
const stateFile = (system: string): string => join('.rekey', 'twins', `${system}.journal`);

/** `lasting`: what the simulated systems hold stands in files, so that the estate can be opened again in another process. */
export type DemoEstate = { readonly folder: string; readonly seed: string; readonly lasting: boolean };

export function writeEstate({ folder, seed, lasting }: DemoEstate): void {
  const approvers = ['alice', 'bob'].map((name) => ({ name, key: writeKeyPair(join(folder, `${name}.key`), name) }));
  mkdirSync(join(folder, dirname(stateFile('any'))), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, '.rekey', 'demo'), 'fictitious\n');
  const systems = demoSystems.map((s) => ({
    id: s.id,
    connector: 'twin',
    tier: s.tier,
    owner: `${s.id}@harbour-pine.example`,
    config: { ...twinConfigOf(s, seed), ...(lasting ? { state: { file: stateFile(s.id) } } : {}) },
    canary: { account: canaryName },
  }));
  const estate = {
    apiVersion: 'rekey/v1',
    estate: 'harbour-and-pine',
    // Played alone, everybody signs; in the console one other person does, and two for tier 0.
    approvals: { count: lasting ? 1 : 2, tier0: 2 },
    approvers,
    systems: [...systems, { id: 'app-files', connector: 'file', tier: 2, config: { root: '/' } }],
  };
  writeFileSync(join(folder, 'rekey.yaml'), `# DEMO: fictitious, simulated. Written by rekey demo.\n${stringify(estate)}`);
}

/** The twins as they are in this process, and what leaked of them. */
export class World {
  readonly #estate: DemoEstate;
  readonly #oracles = new Map<string, TwinOracle>();

  constructor(estate: DemoEstate) {
    this.#estate = estate;
  }

  oracle(system: string): TwinOracle {
    const known = this.#oracles.get(system);
    if (known !== undefined) return known;
    const spec = demoSystems.find((s) => s.id === system);
    if (spec === undefined) throw new Error(`the demo has no system ${system}`);
    const { folder, seed, lasting } = this.#estate;
    const config = { ...twinConfigOf(spec, seed), ...(lasting ? { state: { file: stateFile(system) } } : {}) };
    const oracle = twinOracle(system, config, join(folder, stateFile(system)));
    this.#oracles.set(system, oracle);
    return oracle;
  }

  #first(system: string, accountId: string): string {
    return initialSecret(`${this.#estate.seed}/${system}`, system, accountId);
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
