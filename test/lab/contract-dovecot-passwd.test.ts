// The contract suite on a real Dovecot with a password file: the same rows as on the simulators.
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type LabDovecot, startDovecot } from '../../lab/dovecot.ts';
import { freePort } from '../../lab/process.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { dovecotPasswd } from '../../src/connectors/dovecot-passwd/dovecot-passwd.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { foreignWrite, imapOf, mailClient, openOn, type Settings, takes, unhurt } from './dovecot-passwd-ground.ts';

const users = Array.from({ length: 30 }, (_, n) => `user${n}@lab.test`);
const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-dovecot-'));
let lab: LabDovecot;
let next = 0;

beforeAll(async () => {
  lab = await startDovecot({ dir, users, settings: unhurt });
}, 30_000);
afterAll(async () => {
  await lab?.stop();
  rmSync(dir, { recursive: true, force: true });
});

type Around = { readonly settings?: Settings; readonly extra?: Partial<Rig> };

/** Every row gets a user of its own. */
async function rig(bench: Bench, around: (name: string) => Around | Promise<Around> = () => ({})): Promise<Rig> {
  const name = users[next++] as string;
  const { settings = {}, extra = {} } = await around(name);
  const { timeoutMs, signal } = bench.io('lab');
  const connection = await openOn(lab, settings, { timeoutMs, signal });
  const account = { system: 'lab', id: name, name };
  return { connection, account, old: lab.secrets[name] as string, accepts: (text) => takes(lab.port, name, text), ...extra };
}

const through =
  (arm: (proxy: Swallow) => void) =>
  (bench: Bench): Promise<Rig> =>
    rig(bench, async () => {
      const proxy = await startSwallow({ target: { host: lab.host, port: lab.port } });
      arm(proxy);
      return { settings: { imap: imapOf(lab, proxy.port) }, extra: { close: () => proxy.stop() } };
    });
const hello = Buffer.from('AUTHENTICATE PLAIN');
const now = (): string => readFileSync(lab.passwordFile, 'utf8');
const lineOf = (name: string): string =>
  now()
    .split('\n')
    .find((line) => line.startsWith(`${name}:`)) ?? '';

const fixture: ContractFixture = {
  connector: dovecotPasswd,
  badConfig: { config: { file: 'users', imap: { hosts: [{ host: 'imap.example.test', port: 'many' }] } }, field: 'port' },
  situations: {
    plain: (bench) => rig(bench),
    // The answer to the login that shows that Dovecot takes the new secret.
    'reply-lost': through((proxy) => proxy.swallowReplies(hello, { sees: 'hang' })),
    // The file that is written is not the one Dovecot reads.
    'request-lost': (bench) =>
      rig(bench, () => {
        const copy = join(bench.folder(), 'users');
        copyFileSync(lab.passwordFile, copy);
        return { settings: { file: copy } };
      }),
    slow: through((proxy) => proxy.swallowReplies(hello, { sees: 'hang', times: 50 })),
    unreachable: (bench) => rig(bench, async () => ({ settings: { imap: imapOf(lab, await freePort()) } })),
    'second-value': (bench) =>
      rig(bench, (name) => {
        const line = lineOf(name);
        return { extra: { happen: () => foreignWrite(lab, `${line}\n${now()}`) } };
      }),
    resurrecting: (bench) =>
      rig(bench, () => {
        const image = now();
        return { extra: { happen: () => foreignWrite(lab, image) } };
      }),
    sessions: (bench) =>
      rig(bench, async (name) => {
        const client = await mailClient(lab.port);
        await client.say(`LOGIN "${name}" "${lab.secrets[name]}"`);
        return { extra: { close: () => void client.socket.destroy() } };
      }),
    'accept-any': (bench) =>
      rig(bench, async (name) => {
        await foreignWrite(lab, now().replace(lineOf(name), `${name}:::::::nopassword`));
        return {};
      }),
  },
};

describe('dovecot-passwd', () => {
  for (const row of contractRows(fixture, { timeoutMs: 3_000 }))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
