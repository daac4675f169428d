// The contract rows of a path, with AUTH on a real Redis.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { config } from '../../src/connectors/redis-auth/config.ts';
import { redisAuth } from '../../src/connectors/redis-auth/redis-auth.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { type Ground, ground } from './redis-ground.ts';

let on: Ground;
beforeAll(async () => {
  on = await ground({ users: ['app', { name: 'open', rules: 'on nopass', secrets: [] }] });
}, 60_000);
afterAll(() => on?.stop());

async function rig(bench: Bench, name = 'app', port = on.lab.port): Promise<Rig> {
  const connection = await redisAuth.open(config.parse({ host: on.lab.host, port }), bench.io('path'));
  return {
    connection,
    account: { system: 'directory', id: '42', name: `cn=${name}`, login: name },
    old: on.lab.secrets.app as string,
    accepts: () => true,
  };
}

const fixture: ContractFixture = {
  connector: redisAuth,
  badConfig: { config: { host: 'cache.example', user: 'no template' }, field: 'user' },
  situations: {
    plain: (bench) => rig(bench),
    unreachable: async (bench) => rig(bench, 'app', await freePort()),
    'accept-any': (bench) => rig(bench, 'open'),
  },
};

describe('redis-auth', () => {
  for (const row of contractRows(fixture, { timeoutMs: 1000 })) {
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  }
});
