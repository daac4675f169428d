// The contract suite on a key of a real etcd.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { etcd } from '../../src/connectors/etcd/etcd.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { account, type Ground, ground } from './etcd-ground.ts';

let on: Ground;
beforeAll(async () => {
  on = await ground();
}, 60_000);
afterAll(() => on?.stop());

type Around = { readonly settings?: object; readonly extra?: Partial<Rig> };
const old = '0ld-value-of-app';

async function rig(bench: Bench, around: () => Promise<Around> = async () => ({}), ref?: string): Promise<Rig> {
  const key = ref ?? (await on.key(old));
  const { settings = {}, extra = {} } = await around();
  const { timeoutMs, signal } = bench.io('etcd');
  const connection = await on.open(settings, { timeoutMs, signal });
  return {
    connection,
    account,
    consumer: { consumer: 'app', ref: key },
    old,
    accepts: async (text) => (await on.lab.get(key))?.value === text,
    ...extra,
  };
}

const through =
  (arm: (proxy: Swallow) => void) =>
  (bench: Bench): Promise<Rig> =>
    rig(bench, async () => {
      const proxy = await startSwallow({ target: { host: '127.0.0.1', port: on.lab.port } });
      arm(proxy);
      return { settings: { endpoints: [`http://127.0.0.1:${proxy.port}`] }, extra: { close: () => proxy.stop() } };
    });
const txn = Buffer.from('POST /v3/kv/txn');

const fixture: ContractFixture = {
  connector: etcd,
  badConfig: { config: { endpoints: ['etcd:2379'] }, field: 'endpoints' },
  situations: {
    plain: (bench) => rig(bench),
    'reply-lost': through((proxy) => proxy.swallowReplies(txn)),
    'request-lost': through((proxy) => proxy.loseRequests(txn)),
    slow: through((proxy) => proxy.swallowReplies(txn, { sees: 'hang' })),
    unreachable: (bench) => rig(bench, async () => ({ settings: { endpoints: [`http://127.0.0.1:${await freePort()}`] } })),
    missing: (bench) => rig(bench, undefined, '/apps/no-such-key'),
  },
};

describe('etcd', () => {
  for (const row of contractRows(fixture, { timeoutMs: 1000 }))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
