// A small estate to plan over: three systems, a connector that can, one that cannot, and accounts written straight into the store.
import { randomBytes } from 'node:crypto';
import type { Kind } from '../../src/domain/account.ts';
import type { PlanItemView, PlanView } from '../../src/domain/view.ts';
import type { SyncGroup, SystemSpec } from '../../src/estate/estate.ts';
import { checkDrift } from '../../src/plan/check-drift.ts';
import { type CreatePlanRequest, createPlan } from '../../src/plan/create-plan.ts';
import type { PlanHeader } from '../../src/plan/header.ts';
import type { ConnectorFacts } from '../../src/plan/judge.ts';
import { listPlans, planItems } from '../../src/plan/show-plan.ts';
import { uniteSystems } from '../../src/seal/unite-systems.ts';
import { planStore } from '../../src/store/plans.ts';
import type { Store } from '../../src/store/sql.ts';

export type TestAccount = {
  readonly system?: string;
  readonly name: string;
  readonly login?: string;
  readonly identity?: string;
  readonly person?: string;
  readonly personWhy?: string;
  readonly kind?: Kind;
  readonly owners?: readonly string[];
  readonly tier?: number;
  readonly tags?: readonly string[];
  readonly shared?: boolean;
  readonly enabled?: boolean;
  readonly gone?: boolean;
  readonly facts?: unknown;
  readonly consumers?: readonly string[];
  /** The present secret is in escrow. */
  readonly old?: boolean;
};
export type Planning = {
  readonly estate: { name: string; approvers: { name: string; key: string }[]; systems: SystemSpec[]; sync?: SyncGroup[] };
  /** Moves the clock. */
  at(time: string): void;
  accounts(list: readonly TestAccount[]): Promise<void>;
  create(request: Partial<CreatePlanRequest> & { where: string }, by?: string): Promise<PlanView>;
  items(plan: string, limit?: number): Promise<PlanItemView[]>;
  pages(limit: number): Promise<string[]>;
  checkDrift(plan: string): Promise<PlanHeader>;
};

const no = { cannot: 'the protocol has no list of sessions' };
const able: ConnectorFacts['supports'] = {
  check: true,
  inventory: true,
  passwordPolicy: true,
  secretForm: no,
  setSecret: true,
  overlap: no,
  dualSecret: { cannot: 'one slot' },
  state: true,
  lockout: true,
  sessions: no,
  contain: true,
  storeConsumer: no,
  probe: true,
};
const stuck = { cannot: 'it has no API' };
const connectors: Record<string, ConnectorFacts> = {
  able: {
    id: 'able',
    role: 'system',
    supports: able,
    generations: true,
    derivatives: [
      { what: 'open connections', killedBy: 'nothing', residual: 'until closed' },
      { what: 'tickets', killedBy: 'revocation', residual: 'none' },
    ],
    pace: { perSecond: 100, concurrency: 10, setMs: 20, probeMs: 10 },
  },
  stuck: {
    id: 'stuck',
    role: 'system',
    supports: { ...able, setSecret: stuck, contain: stuck },
    derivatives: [],
    pace: { perSecond: 1, concurrency: 1, setMs: 1, probeMs: 1 },
  },
};
const system = (id: string, connector: string, more: Partial<SystemSpec> = {}): SystemSpec => ({
  id,
  connector,
  tier: 2,
  config: {},
  limits: {},
  password: {},
  paths: [],
  specHash: `spec-${id}`,
  ...more,
});

/** Empties the inventory, keeps earlier plans. */
export async function testPlanning(store: Store): Promise<Planning> {
  await store.query('delete from secret');
  await store.query('delete from consumer');
  await store.query('delete from account');
  const estate: Planning['estate'] = {
    name: 'acme',
    approvers: [{ name: 'alice', key: '' }],
    systems: [system('corp', 'able'), system('hr', 'able', { canary: { account: 'canary' } }), system('legacy', 'stuck')],
  };
  for (const { id, connector, specHash } of estate.systems) {
    await store.query('insert into system (id, connector, spec, seen_at) values ($1, $2, $3, $4) on conflict do nothing', [
      id,
      connector,
      specHash,
      id === 'corp' ? new Date() : null,
    ]);
  }
  let clock = new Date('2026-11-21T00:00:00Z');
  const plans = planStore(store);
  const deps = {
    estate,
    connector: (spec: SystemSpec) => connectors[spec.connector],
    unite: uniteSystems,
    plans,
    approvals: async () => ({ needed: 1, given: [], refused: [] }),
    path: () => undefined,
    random: (n: number) => randomBytes(n),
    now: () => clock,
  };
  return {
    estate,
    at: (time) => {
      clock = new Date(time);
    },
    accounts: async (list) => {
      for (const account of list) await insert(store, account);
    },
    create: (request, by = 'dave') => createPlan(deps, { reason: 'INC-1', ...request }, by),
    items: (plan, limit = 1000) => all((cursor) => planItems(deps, plan, { limit, ...cursor })),
    pages: async (limit) => (await all((cursor) => listPlans(deps, { limit, ...cursor }))).map((plan) => plan.id),
    checkDrift: (plan) => checkDrift(deps, plan),
  };
}

async function all<T>(page: (cursor: { cursor?: string }) => Promise<{ items: readonly T[]; cursor?: string }>): Promise<T[]> {
  const found: T[] = [];
  let cursor: { cursor?: string } | undefined = {};
  while (cursor !== undefined) {
    const next: { items: readonly T[]; cursor?: string } = await page(cursor);
    found.push(...next.items);
    cursor = next.cursor === undefined ? undefined : { cursor: next.cursor };
  }
  return found;
}

async function insert(store: Store, a: TestAccount): Promise<void> {
  const [row] = await store.query<{ key: string }>(
    `insert into account (system, id, name, login, identity, kind, owners, tier, tags, shared, enabled, facts, gone_at, person, person_why)
     values ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12, $13, $14) returning key::text as key`,
    [
      a.system ?? 'corp',
      a.name,
      a.login ?? null,
      a.identity ?? null,
      a.kind ?? 'service',
      a.owners ?? ['owner@acme.test'],
      a.tier ?? 2,
      a.tags ?? [],
      a.shared ?? false,
      a.enabled ?? true,
      JSON.stringify(a.facts ?? {}),
      a.gone === true ? new Date() : null,
      a.person || null,
      a.personWhy ?? null,
    ],
  );
  for (const consumer of a.consumers ?? [])
    await store.query(`insert into consumer (account, consumer, store, ref) values ($1, $2, 'file', 'x')`, [row?.key, consumer]);
  if (a.old === true) {
    await store.query(
      `insert into secret (account, origin, version, state, data_key, sealed) values ($1, 'leaked', 1, 'previous', 1, '\\x00')`,
      [row?.key],
    );
  }
}
