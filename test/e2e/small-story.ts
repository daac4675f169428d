// A small simulated estate for a whole path in one test: over in seconds, and slow enough in one place to be paused.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { twinOracle } from '../../src/connectors/twin/oracle.ts';
import { initialSecret } from '../../src/connectors/twin/seeded.ts';
import { canaryName } from './story.ts';

const seedOf = (id: string): string => `small/${id}`;

type Told = { readonly id: string; readonly tier: number; readonly accounts: object; readonly more: object };
const systems: readonly Told[] = [
  { id: 'cargo-erp', tier: 1, accounts: { services: 20 }, more: { sessions: 2 } },
  { id: 'crew-directory', tier: 2, accounts: { people: 60 }, more: { perSecond: 8 } },
];

const configOf = ({ id, accounts, more }: Told): object => ({
  seed: seedOf(id),
  accounts: {
    ...accounts,
    domain: 'harbour-pine.example',
    named: [{ name: canaryName, kind: 'service', owner: 'security@harbour-pine.example' }],
  },
  ...more,
});

/** Puts the systems into the estate file that is there, and marks the estate as the demo's. `more` stands beside them. */
export function addSmallStory(folder: string, more: object = {}): void {
  const file = join(folder, 'rekey.yaml');
  const estate = parse(readFileSync(file, 'utf8')) as Record<string, unknown>; // the starter: our own file
  mkdirSync(join(folder, '.rekey'), { recursive: true });
  writeFileSync(join(folder, '.rekey', 'demo'), 'fictitious\n');
  const told = systems.map((system) => ({
    id: system.id,
    connector: 'twin',
    tier: system.tier,
    owner: `${system.id}@harbour-pine.example`,
    canary: { account: canaryName },
    config: configOf(system),
  }));
  writeFileSync(file, stringify({ ...estate, approvals: { count: 1, tier0: 2 }, systems: told, ...more }));
}

/** What every account but the canary began with. */
export function firstSecrets(): { readonly system: string; readonly account: string; readonly secret: string }[] {
  return systems.flatMap((system) => {
    const oracle = twinOracle(system.id, configOf(system));
    try {
      return [...oracle.accounts()]
        .filter(({ name }) => name !== canaryName)
        .map(({ id, name }) => ({ system: system.id, account: name, secret: initialSecret(seedOf(system.id), system.id, id) }));
    } finally {
      oracle.close();
    }
  });
}
