// Harbour & Pine: a fictitious shipping company on the worst day of its year. Twelve simulated systems, 4,000 people, 600 service accounts, nothing real.

export type DemoSystem = {
  readonly id: string;
  readonly tier: number;
  readonly people: number;
  readonly services: number;
  readonly config: { readonly [key: string]: unknown };
};

/** What each system is there to show is said by its own settings: a throttle, a replica that lags, a host that is down, an account that will not die. */
export const demoSystems: readonly DemoSystem[] = [
  { id: 'harbour-ldap', tier: 1, people: 1800, services: 0, config: { lockout: { threshold: 5 } } },
  { id: 'crew-directory', tier: 2, people: 900, services: 0, config: { perSecond: 2500 } },
  { id: 'pine-mail', tier: 2, people: 700, services: 0, config: { sessions: 1 } },
  { id: 'quay-vpn', tier: 1, people: 600, services: 0, config: { lockout: { threshold: 3 } } },
  { id: 'cargo-erp', tier: 1, people: 0, services: 110, config: { sessions: 2, latencyMs: 3 } },
  { id: 'warehouse-db', tier: 2, people: 0, services: 90, config: { staleAccounts: 'svc-archive*' } },
  { id: 'build-runners', tier: 2, people: 0, services: 110, config: { faults: [{ op: 'set', kind: 'swallow-reply', everyNth: 9 }] } },
  { id: 'backup-vault', tier: 0, people: 0, services: 40, config: {} },
  { id: 'payroll', tier: 1, people: 0, services: 60, config: { policy: { minLength: 16, classes: 3, maxLength: 32 } } },
  { id: 'terminals', tier: 2, people: 0, services: 90, config: { replicas: { count: 2, lagMs: 400 } } },
  { id: 'crane-controllers', tier: 2, people: 0, services: 60, config: { faults: [{ op: 'set', kind: 'unreachable' }] } },
  { id: 'data-lake', tier: 3, people: 0, services: 40, config: { latencyMs: [1, 6] } },
];

export const canaryName = 'rekey-canary';

export function twinConfigOf(system: DemoSystem, seed: string): { readonly [key: string]: unknown } {
  return {
    seed: `${seed}/${system.id}`,
    accounts: {
      people: system.people,
      services: system.services,
      domain: 'harbour-pine.example',
      named: [{ name: canaryName, kind: 'service', owner: 'security@harbour-pine.example' }],
      unowned: 0.01,
      shared: 0.01,
      disabled: 0.01,
      privileged: 0.03,
    },
    ...system.config,
  };
}
