// The estate that the console's tests look at: simulated systems, one per thing a screen must show, and one so slow that the run is still going on.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeKeyPair } from '../../src/demo/key-pair.ts';

export const canaryName = 'rekey-canary';
export const approvers = ['alice', 'bob'] as const;

type Told = {
  readonly tier: number;
  readonly people?: number;
  readonly services?: number;
  readonly config?: object;
  readonly named?: readonly string[];
};

/** Names come from targets and files: whatever they hold, a page shows it as text. */
export const markup = '<img src=x onerror="document.title=1"><b>svc</b>';

/** Slow ones last for minutes: a run that looks at 1 account per second is in progress for as long as a test file takes. */
const systems: Readonly<Record<string, Told>> = {
  'backup-vault': { tier: 0, services: 12 },
  'cargo-erp': { tier: 1, services: 30, config: { sessions: 2 } },
  'harbour-ldap': { tier: 1, people: 260, config: { lockout: { threshold: 5 } } },
  'warehouse-db': { tier: 2, services: 24, config: { staleAccounts: 'svc-archive*' }, named: [markup] },
  'crane-controllers': { tier: 2, services: 20, config: { faults: [{ op: 'set', kind: 'unreachable' }] } },
  'crew-directory': { tier: 2, people: 400, config: { perSecond: 2 } },
};

export function writeStory(folder: string): void {
  const keys = approvers.map((name) => ({ name, key: writeKeyPair(join(folder, `${name}.key`), name) }));
  mkdirSync(join(folder, '.rekey'), { recursive: true });
  writeFileSync(join(folder, '.rekey', 'demo'), 'fictitious\n');
  const told = Object.entries(systems).map(([id, { tier, people = 0, services = 0, config, named = [] }]) => ({
    id,
    connector: 'twin',
    tier,
    owner: `${id}@harbour-pine.example`,
    canary: { account: canaryName },
    config: {
      seed: `e2e/${id}`,
      accounts: {
        people,
        services,
        domain: 'harbour-pine.example',
        named: [canaryName, ...named].map((name) => ({ name, kind: 'service', owner: 'security@harbour-pine.example' })),
        unowned: 0.02,
        shared: 0.01,
        disabled: 0.01,
        privileged: 0.03,
      },
      ...config,
    },
  }));
  const estate = { apiVersion: 'rekey/v1', estate: 'harbour-and-pine', approvals: { count: 1, tier0: 2 }, approvers: keys, systems: told };
  writeFileSync(join(folder, 'rekey.yaml'), stringify(estate));
}

export const keyOf = (folder: string, approver: string): string => readFileSync(join(folder, `${approver}.key`), 'utf8');
