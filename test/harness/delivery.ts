// The delivery pages and doors over a real store, with accounts as discovery would leave them; who asks is said by the test.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller } from '../../src/access/caller.ts';
import type { Role } from '../../src/access/rights.ts';
import { deliveryOf, type WorkloadSpec } from '../../src/estate/delivery.ts';
import type { Estate } from '../../src/estate/estate.ts';
import type { AccessServices } from '../../src/http/access-services.ts';
import { buildApi } from '../../src/http/api.ts';
import { authenticator } from '../../src/http/authenticate.ts';
import type { Services } from '../../src/http/services.ts';
import type { Store } from '../../src/store/sql.ts';
import { deliveryServices } from '../../src/wire/delivery-services.ts';
import type { Parts } from '../../src/wire/parts.ts';
import { type SeedRun, seedAccount, seedItem, seedRun, seedSecret, seedSystem, unmasked } from './escrow-rows.ts';
import { testStore } from './store.ts';

export type Delivery = {
  readonly store: Store;
  readonly api: FastifyInstance;
  readonly run: SeedRun;
  readonly clock: { now: Date };
  /** How often a sealed value was opened. */
  readonly opened: { count: number };
  /** What the escrow does instead of opening, once. */
  readonly escrow: { fails?: () => Promise<void> };
  readonly reports: unknown[];
  add(account: {
    id: string;
    name?: string;
    identity?: string;
    owners?: readonly string[];
    kind?: string;
    secret: string;
    version?: number;
  }): Promise<string>;
  lines(): Promise<readonly { readonly [key: string]: unknown }[]>;
  claims(): Promise<readonly unknown[]>;
  close(): Promise<void>;
};
export type DeliveryOptions = {
  readonly workloads?: readonly WorkloadSpec[];
  readonly help?: string;
  readonly estate?: string;
  readonly perHour?: number;
  readonly access?: AccessServices;
  readonly https?: object;
};

export const runId = 'R-4T9WZ0AB';
export const csrfOf = (session: string): string => `csrf of ${session}`;

/** The person whose session the headers name. */
export function sessionCaller(request: FastifyRequest): Caller | null {
  type Headers = { person?: string; session?: string; roles?: string };
  const { person, session = `session of ${String(person)}`, roles } = request.headers as Headers; // set by the test
  if (person === undefined) return null;
  const name = decodeURIComponent(person);
  return {
    name,
    custodian: false,
    identity: name,
    roles: (roles?.split(' ') ?? []) as Role[], // set by the test
    via: 'session',
    member: `M-${name}`,
    session: { id: session, csrf: csrfOf(session), passkeyAt: new Date() },
  };
}

export async function deliveryGround(options: DeliveryOptions = {}): Promise<Delivery> {
  const { store, close } = await testStore();
  const dataKey = await seedSystem(store, 'orders-db');
  const run = await seedRun(store, { id: runId, plan: 'P-7K3QX2MA', system: 'orders-db', dataKey });
  const clock = { now: new Date() };
  const opened = { count: 0 };
  const escrow: { fails?: () => Promise<void> } = {};
  const reports: unknown[] = [];
  const estate = {
    name: options.estate ?? 'acme',
    approvals: { count: 1, tier0: 2, handover: 2, self: false },
    approvers: [],
    delivery: { ...deliveryOf({ perHour: options.perHour ?? 1000 }), ...(options.help === undefined ? {} : { help: options.help }) },
    workloads: options.workloads ?? [],
  } as unknown as Estate; // delivery looks at nothing else
  const parts = {
    estate,
    store,
    now: () => clock.now,
    escrow: {
      open: async (_account: string, row: { sealed: Uint8Array }) => {
        await escrow.fails?.();
        opened.count += 1;
        return unmasked(row.sealed);
      },
    },
  } as unknown as Parts; // the other parts are not looked at
  const services = { estateName: estate.name, demo: false, ...deliveryServices(parts) } as unknown as Services; // only these routes are asked
  const api = buildApi({
    services,
    ...(options.access === undefined ? { caller: sessionCaller } : { access: options.access, caller: authenticator(options.access) }),
    version: '0.0.0',
    report: (error) => reports.push(error),
    ...(options.https === undefined ? {} : { listener: { https: options.https } }),
  });
  return {
    store,
    api,
    run,
    clock,
    opened,
    escrow,
    reports,
    async add({ id, name, identity, owners, kind, secret, version = 1 }) {
      const key = await seedAccount(store, 'orders-db', {
        id,
        name: name ?? id,
        ...(identity === undefined ? {} : { identity }),
        ...(owners === undefined ? {} : { owners }),
      });
      await store.query('update account set kind = $2, reset_at = $3, version = $4 where key = $1::int8', [
        key,
        kind ?? (identity === undefined ? 'service' : 'human'),
        clock.now,
        version,
      ]);
      await seedSecret(store, key, dataKey, { version, state: 'live', text: secret });
      await seedItem(store, run, key, { state: 'complete', version });
      await store.query('update item set applied_at = $2 where account = $1::int8', [key, clock.now]);
      return key;
    },
    async lines() {
      const rows = await store.fresh.query<{ line: string }>(
        "select e.line from entry e join log l on l.key = e.log where l.name = 'estate' order by e.xid, e.seq",
      );
      return rows.map(({ line }) => JSON.parse(line) as { [key: string]: unknown });
    },
    claims: () => store.fresh.query('select * from claim order by account, version, person'),
    async close() {
      await api.close();
      await close();
    },
  };
}

/** Sends a form as a browser's own page would. */
export function sendForm(
  api: FastifyInstance,
  url: string,
  who: { person: string; session?: string; csrf?: string },
  fields: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
) {
  const session = who.session ?? `session of ${encodeURIComponent(who.person)}`;
  return api.inject({
    method: 'POST',
    url,
    headers: {
      person: encodeURIComponent(who.person),
      session,
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    payload: new URLSearchParams({ csrf: who.csrf ?? csrfOf(session), ...fields }).toString(),
  });
}
