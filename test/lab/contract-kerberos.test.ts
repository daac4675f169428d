// The contract suite on a real MIT KDC.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type MitKdc, startMitKdc } from '../../lab/mit-kdc.ts';
import { freePort } from '../../lab/process.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { kerberos } from '../../src/connectors/kerberos/kerberos.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { accountOf, pathIo, say } from './path-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-contract-krb-'));
const names = Array.from({ length: 20 }, (_, n) => `app-${n}`);
let kdc: MitKdc;
let next = 0;

beforeAll(async () => {
  kdc = await startMitKdc({ dir: folder, principals: names.map((name) => ({ name, options: '-policy lock' })) });
});
afterAll(async () => {
  await kdc?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Every row gets a principal of its own. */
async function rig(bench: Bench, port = kdc.port): Promise<Rig> {
  const name = names[next++] as string;
  const settings = kerberos.config.parse({ realm: kdc.realm, kdcs: [{ host: kdc.host, port }] });
  const connection = await kerberos.open(settings, bench.io('lab'));
  const direct = await kerberos.open(kerberos.config.parse({ realm: kdc.realm, kdcs: [{ host: kdc.host, port: kdc.port }] }), pathIo());
  const account = accountOf(name);
  return {
    connection,
    account,
    old: kdc.secrets[name] as string,
    accepts: async (text) => (await say(direct, account, text)) === 'accepted 0',
  };
}

const through =
  (arm: (proxy: Swallow) => void) =>
  async (bench: Bench): Promise<Rig> => {
    const proxy = await startSwallow({ target: kdc });
    arm(proxy);
    return { ...(await rig(bench, proxy.port)), close: () => proxy.stop() };
  };

const fixture: ContractFixture = {
  connector: kerberos,
  badConfig: { config: { realm: 'LAB.TEST', kdcs: [{ host: 'dc1', port: 'many' }] }, field: 'port' },
  situations: {
    plain: (bench) => rig(bench),
    unreachable: async (bench) => rig(bench, await freePort()),
    lockable: (bench) => rig(bench),
    'reply-lost': through((proxy) => proxy.swallowReplies(1)),
    'request-lost': through((proxy) => proxy.loseRequests(1, { sees: 'reset' })),
  },
};

describe('kerberos', () => {
  for (const row of contractRows(fixture, { timeoutMs: 2000 }))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
