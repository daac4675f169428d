// The contract suite on a real FreeRADIUS.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Freeradius, startFreeradius } from '../../lab/freeradius.ts';
import { freePort } from '../../lab/process.ts';
import { radius } from '../../src/connectors/radius/radius.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { accountOf, pathIo, say } from './path-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-contract-radius-'));
const users = { alice: 'first-password-of-alice', control: 'control-pw-of-the-lab-77' };
let server: Freeradius;
let open: Freeradius;

beforeAll(async () => {
  server = await startFreeradius({ dir: join(folder, 'server'), users });
  open = await startFreeradius({ dir: join(folder, 'open'), users, takesAny: true });
});
afterAll(async () => {
  await open?.stop();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function rig(bench: Bench, at: Freeradius = server, port = at.port): Promise<Rig> {
  const settings = (listen: number) =>
    radius.config.parse({
      servers: [{ host: at.host, port: listen }],
      secret: { env: 'SHARED' },
      confirm: { user: 'control', password: { env: 'CONTROL' } },
    });
  const secrets = { SHARED: at.shared, CONTROL: users.control };
  const { timeoutMs, signal } = bench.io('lab');
  const connection = await radius.open(settings(port), pathIo(secrets, { timeoutMs, signal }));
  const direct = await radius.open(settings(at.port), pathIo(secrets));
  const account = accountOf('alice');
  return { connection, account, old: users.alice, accepts: async (text) => (await say(direct, account, text)).startsWith('accepted') };
}

const fixture: ContractFixture = {
  connector: radius,
  badConfig: { config: { servers: [{ host: 'radius1' }], secret: 'in-clear', confirm: { replyMessage: 'x' } }, field: 'secret' },
  situations: {
    plain: (bench) => rig(bench),
    unreachable: async (bench) => rig(bench, server, await freePort()),
    'accept-any': (bench) => rig(bench, open),
  },
};

describe('radius', () => {
  for (const row of contractRows(fixture))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
