// The contract suite on a real SCIM service: the same rows as on the simulators. SCIM has no login, so rows that probe are not declared.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { type LabScim, startScim } from '../../lab/scim-server.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { scim } from '../../src/connectors/scim/scim.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { openScim, userRef } from './scim-open.ts';

const names = Array.from({ length: 30 }, (_, n) => `user-${n}`);
let lab: LabScim;
let next = 0;
beforeAll(async () => {
  lab = await startScim({ users: names });
});
afterAll(() => lab?.stop());

type Around = { readonly url?: string; readonly extra?: Partial<Rig> };

/** Every row gets a user of its own. */
async function rig(bench: Bench, around: () => Around | Promise<Around> = () => ({})): Promise<Rig> {
  const name = names[next++] as string;
  const { url = lab.url, extra = {} } = await around();
  const connection = await openScim(lab, bench.io('lab-scim'), { url });
  return {
    connection,
    account: userRef(lab, name),
    old: lab.first[name] as string,
    accepts: async (text) => (await lab.logsIn(name, text)) === 'in',
    ...extra,
  };
}

const through =
  (arm: (proxy: Swallow) => void) =>
  (bench: Bench): Promise<Rig> =>
    rig(bench, async () => {
      const proxy = await startSwallow({ target: { host: '127.0.0.1', port: lab.port } });
      arm(proxy);
      return { url: `http://127.0.0.1:${proxy.port}/scim/v2`, extra: { close: () => proxy.stop() } };
    });
const patch = Buffer.from('PATCH ');

const fixture: ContractFixture = {
  connector: scim,
  badConfig: { config: { url: 'ftp://app.example/scim', token: { env: 'X' } }, field: 'url' },
  situations: {
    plain: (bench) => rig(bench),
    'reply-lost': through((proxy) => proxy.swallowReplies(patch)),
    'request-lost': through((proxy) => proxy.loseRequests(patch)),
    slow: through((proxy) => proxy.swallowReplies(patch, { sees: 'hang' })),
    unreachable: (bench) => rig(bench, async () => ({ url: `http://127.0.0.1:${await freePort()}/scim/v2` })),
    policy: (bench) =>
      rig(bench, () => {
        lab.minLength = 60;
        return {
          extra: {
            close: () => {
              lab.minLength = 12;
            },
          },
        };
      }),
    throttled: (bench) =>
      rig(bench, () => {
        lab.throttled = 2;
        return {
          extra: {
            close: () => {
              lab.throttled = undefined;
            },
          },
        };
      }),
  },
};

describe('scim', () => {
  for (const row of contractRows(fixture, { timeoutMs: 1000 }))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
