// The contract suite on a real Samba file server.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { type Smbd, startSmbd } from '../../lab/smbd.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { smb } from '../../src/connectors/smb/smb.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { accountOf, pathIo, say } from './path-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-contract-smb-'));
const users = ['games', 'man', 'news', 'lp', 'mail', 'uucp', 'proxy', 'www-data', 'backup', 'list', 'irc', 'sync'];
let lab: Smbd;
let next = 0;

beforeAll(async () => {
  lab = await startSmbd({ dir: folder, users, lockoutThreshold: 3 });
});
afterAll(async () => {
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Every row gets an account of its own. */
async function rig(bench: Bench, port = lab.port): Promise<Rig> {
  const name = users[next++] as string;
  const connection = await smb.open(smb.config.parse({ servers: [{ host: lab.host, port }] }), bench.io('lab'));
  const direct = await smb.open(smb.config.parse({ servers: [{ host: lab.host, port: lab.port }] }), pathIo());
  const account = accountOf(name);
  return {
    connection,
    account,
    old: lab.secrets[name] as string,
    accepts: async (text) => (await say(direct, account, text)).startsWith('accepted'),
  };
}

const through =
  (arm: (proxy: Swallow) => void) =>
  async (bench: Bench): Promise<Rig> => {
    const proxy = await startSwallow({ target: lab });
    arm(proxy);
    return { ...(await rig(bench, proxy.port)), close: () => proxy.stop() };
  };

const fixture: ContractFixture = {
  connector: smb,
  badConfig: { config: { servers: [{ host: 'dc1', port: 'many' }] }, field: 'port' },
  situations: {
    plain: (bench) => rig(bench),
    unreachable: async (bench) => rig(bench, await freePort()),
    lockable: (bench) => rig(bench),
    'reply-lost': through((proxy) => proxy.swallowReplies(1)),
    'request-lost': through((proxy) => proxy.loseRequests(1, { sees: 'reset' })),
  },
};

describe('smb', () => {
  for (const row of contractRows(fixture, { timeoutMs: 3000 }))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
