// The contract suite on the IMAP path, on a real Dovecot.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type LabDovecot, startDovecot } from '../../lab/dovecot.ts';
import { freePort } from '../../lab/process.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { imapLogin } from '../../src/connectors/imap-login/imap-login.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { foreignWrite, takes, unhurt } from './dovecot-passwd-ground.ts';
import { accountOf } from './path-ground.ts';

const users = Array.from({ length: 20 }, (_, n) => `user${n}`);
const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-imap-'));
let lab: LabDovecot;
let next = 0;

beforeAll(async () => {
  lab = await startDovecot({ dir, users, settings: unhurt });
}, 30_000);
afterAll(async () => {
  await lab?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function rig(bench: Bench, port = lab.port): Promise<Rig> {
  const name = users[next++] as string;
  const connection = await imapLogin.open(imapLogin.config.parse({ hosts: [{ host: lab.host, port }] }), bench.io('lab'));
  return { connection, account: accountOf(name), old: lab.secrets[name] as string, accepts: (text) => takes(lab.port, name, text) };
}
const through =
  (arm: (proxy: Swallow) => void) =>
  async (bench: Bench): Promise<Rig> => {
    const proxy = await startSwallow({ target: { host: lab.host, port: lab.port } });
    arm(proxy);
    return { ...(await rig(bench, proxy.port)), close: () => proxy.stop() };
  };

const fixture: ContractFixture = {
  connector: imapLogin,
  badConfig: { config: { hosts: [{ host: 'imap.example.test' }], tls: { mode: 'disable' } }, field: 'host' },
  situations: {
    plain: (bench) => rig(bench),
    unreachable: async (bench) => rig(bench, await freePort()),
    'reply-lost': through((proxy) => proxy.swallowReplies(Buffer.from('AUTHENTICATE'))),
    'request-lost': through((proxy) => proxy.loseRequests(Buffer.from('AUTHENTICATE'), { sees: 'reset' })),
    'accept-any': async (bench) => {
      await foreignWrite(lab, `${users[next]}:::::::nopassword\n`);
      return rig(bench);
    },
  },
};

describe('imap-login', () => {
  for (const row of contractRows(fixture))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
