// The contract suite on the token endpoint of a real OpenID provider: a path has the rows about probes and secrecy.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type LabOidc, startOidc } from '../../lab/oidc-server.ts';
import { freePort } from '../../lab/process.ts';
import { startSwallow } from '../../lab/swallow.ts';
import { oidcToken } from '../../src/connectors/oidc-token/oidc-token.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { oidcIo } from './oidc-open.ts';

let lab: LabOidc;
beforeAll(async () => {
  lab = await startOidc({ clients: ['rekey-path'], users: ['alice'] });
});
afterAll(() => lab?.stop());

async function rig(bench: Bench, tokenUrl = `${lab.issuer}/token`): Promise<Rig> {
  const settings = oidcToken.config.parse({ tokenUrl, client: { id: 'rekey-path', secret: { env: 'CLIENT' } } });
  const connection = await oidcToken.open(settings, oidcIo({ CLIENT: lab.secrets['rekey-path'] ?? '' }, bench.io('path')));
  const old = lab.users.get('alice')?.password ?? '';
  return { connection, account: { system: 'people', id: 'alice-id', name: 'alice' }, old, accepts: (text) => text === old };
}

const fixture: ContractFixture = {
  connector: oidcToken,
  badConfig: { config: { tokenUrl: 'https://id.example/token' }, field: 'client' },
  situations: {
    plain: (bench) => rig(bench),
    unreachable: async (bench) => rig(bench, `http://127.0.0.1:${await freePort()}/token`),
    'reply-lost': async (bench) => {
      const proxy = await startSwallow({ target: { host: '127.0.0.1', port: lab.port } });
      proxy.swallowReplies(Buffer.from('POST '), { times: 9 });
      return { ...(await rig(bench, `http://127.0.0.1:${proxy.port}/token`)), close: () => proxy.stop() };
    },
    throttled: async (bench) => {
      lab.throttled = 3;
      return {
        ...(await rig(bench)),
        close: () => {
          lab.throttled = undefined;
        },
      };
    },
  },
};

describe('oidc-token', () => {
  for (const row of contractRows(fixture))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
