// The contract suite on a real OpenID provider. It has no second secret for a client, so the rows about two live slots have no situation.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type LabOidc, startOidc } from '../../lab/oidc-server.ts';
import { freePort } from '../../lab/process.ts';
import { oidc } from '../../src/connectors/oidc/oidc.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { clientRef, openOidc } from './oidc-open.ts';

const names = Array.from({ length: 20 }, (_, n) => `row-${n}`);
let lab: LabOidc;
let next = 0;
beforeAll(async () => {
  lab = await startOidc({ clients: names });
});
afterAll(() => lab?.stop());

async function rig(bench: Bench, more: object = {}, block: object = {}, env: Record<string, string> = {}, named?: string): Promise<Rig> {
  const id = named ?? (names[next++] as string);
  const old = lab.secrets[id] as string;
  const connection = await openOidc(lab, id, env, bench.io('lab-oidc'), more, block);
  const accepts = async (text: string): Promise<boolean> =>
    (await lab.ask('/token', id, text, { grant_type: 'client_credentials' })).status === 200;
  return { connection, account: clientRef(id), old, accepts };
}

const fixture: ContractFixture = {
  connector: oidc,
  badConfig: { config: { issuer: 'https://id.example', clients: [] }, field: 'clients' },
  situations: {
    plain: (bench) => rig(bench),
    unreachable: async (bench) => rig(bench, { issuer: `http://127.0.0.1:${await freePort()}` }),
    throttled: async (bench) => {
      lab.throttled = 3;
      const made = await rig(bench);
      return {
        ...made,
        close: () => {
          lab.throttled = undefined;
        },
      };
    },
    sessions: async (bench) => {
      const id = names[next++] as string;
      return rig(bench, {}, { tokens: { env: 'TOKENS' } }, { TOKENS: await lab.refreshToken(id) }, id);
    },
  },
};

describe('oidc', () => {
  for (const row of contractRows(fixture, { timeoutMs: 2000 }))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
