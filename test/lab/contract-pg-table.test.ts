// The contract suite on a row of a real PostgreSQL table.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { pgTable } from '../../src/connectors/pg-table/pg-table.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { account, type Ground, ground } from './pg-table-ground.ts';

let on: Ground;
beforeAll(async () => {
  on = await ground();
}, 60_000);
afterAll(() => on?.stop());

type Around = { readonly settings?: object; readonly extra?: Partial<Rig> };

/** Every row of the suite gets a row of the table. */
async function rig(bench: Bench, around: (ref: string, id: number) => Around | Promise<Around> = () => ({})): Promise<Rig> {
  const old = '0ld-value-of-app';
  const { id, ref } = await on.row(old);
  const { settings = {}, extra = {} } = await around(ref, id);
  const { timeoutMs, signal } = bench.io('settings');
  const connection = await on.open(settings, { timeoutMs, signal });
  return { connection, account, consumer: { consumer: 'app', ref }, old, accepts: async (text) => (await on.value(id)) === text, ...extra };
}

const through =
  (arm: (proxy: Swallow) => void) =>
  (bench: Bench): Promise<Rig> =>
    rig(bench, async () => {
      const proxy = await startSwallow({ target: { host: on.lab.host, port: on.lab.port } });
      arm(proxy);
      return { settings: { port: proxy.port }, extra: { close: () => proxy.stop() } };
    });
// With the end of the message: ON COMMIT DROP is another one.
const commit = Buffer.from('COMMIT\0');

const fixture: ContractFixture = {
  connector: pgTable,
  badConfig: {
    config: { host: 'db', database: 'app', user: 'u', password: { env: 'X' }, tables: [{ table: 'a.b.c', key: ['id'], value: 'v' }] },
    field: 'table',
  },
  situations: {
    plain: (bench) => rig(bench),
    'reply-lost': through((proxy) => proxy.swallowReplies(commit)),
    'request-lost': through((proxy) => proxy.loseRequests(commit)),
    policy: (bench) =>
      rig(bench, async (_ref, id) => {
        await on.lab.sql(`ALTER TABLE app.settings ADD CONSTRAINT only_${id} CHECK (id <> ${id} OR password LIKE '0ld%')`);
        return { extra: { close: async () => void (await on.lab.sql(`ALTER TABLE app.settings DROP CONSTRAINT only_${id}`)) } };
      }),
    throttled: (bench) =>
      rig(bench, async (_ref, id) => {
        const held = on.lab.sql(`BEGIN; SELECT 1 FROM app.settings WHERE id = ${id} FOR UPDATE; SELECT pg_sleep(1.5); COMMIT`);
        return { extra: { close: async () => void (await held) } };
      }),
    unreachable: (bench) => rig(bench, async () => ({ settings: { port: await freePort() } })),
    missing: (bench) =>
      rig(bench, async (_ref, id) => {
        await on.lab.sql(`DELETE FROM app.settings WHERE id = ${id}`);
        return {};
      }),
  },
};

describe('pg-table', () => {
  for (const row of contractRows(fixture, { timeoutMs: 1000 }))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
