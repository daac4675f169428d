// The contract suite on a real sshd, sudo, chpasswd and PAM: the same rows as on the simulators.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import type { SshdFault } from '../../lab/sshd.ts';
import { startSwallow } from '../../lab/swallow.ts';
import { linuxSsh } from '../../src/connectors/linux-ssh/linux-ssh.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { type Ground, ground, logsIn, session } from './ssh-ground.ts';

const names = Array.from({ length: 50 }, (_, n) => `app${n}`);
let on: Ground;
let next = 0;

beforeAll(async () => {
  on = await ground(names, ['sshd-lock', 'sshd-open', 'sshd-busy']);
}, 60_000);
afterAll(() => on?.stop());

/** Every row gets an account of its own. */
type Around = { readonly block?: object; readonly extra?: Partial<Rig> };
async function rig(bench: Bench, around: (name: string, old: string) => Around | Promise<Around> = () => ({})): Promise<Rig> {
  const name = names[next++] as string;
  const old = on.lab.secrets[name] as string;
  const { block = {}, extra = {} } = await around(name, old);
  const { timeoutMs, signal } = bench.io('lab-ssh');
  const connection = await on.passwords(block, { timeoutMs, signal });
  const id = `${20_000 + names.indexOf(name) + 1}:${name}`;
  return {
    connection,
    account: { system: 'lab-ssh', id, name },
    old,
    accepts: (text) => logsIn(on.lab.port, name, { password: text }),
    ...extra,
  };
}

/** The connection goes through a proxy that is cut once chpasswd has met the fault. */
const cutAt =
  (fault: SshdFault) =>
  (bench: Bench): Promise<Rig> =>
    rig(bench, async (name) => {
      const proxy = await startSwallow({ target: { host: on.lab.host, port: on.lab.port } });
      const armed = await on.lab.fault(name, fault);
      void armed.met.then(() => {
        armed.disarm();
        proxy.cut();
      });
      const close = (): Promise<void> => {
        armed.disarm();
        return proxy.stop();
      };
      return { block: { port: proxy.port }, extra: { close } };
    });

const demanding = 'password requisite pam_pwquality.so minlen=60\npassword required pam_unix.so\n';

const fixture: ContractFixture = {
  connector: linuxSsh,
  badConfig: { config: { host: 'h.example', hostKey: 'SHA256:none', user: 'rekey', password: { env: 'X' } }, field: 'hostKey' },
  situations: {
    plain: (bench) => rig(bench),
    'reply-lost': cutAt('swallow'),
    'request-lost': cutAt('lose'),
    policy: (bench) =>
      rig(bench, async () => {
        const { out } = await on.lab.sh('cat /etc/pam.d/passwd');
        await on.lab.sh('cat >/etc/pam.d/passwd', demanding);
        return { extra: { close: async () => void (await on.lab.sh('cat >/etc/pam.d/passwd', out)) } };
      }),
    throttled: (bench) => rig(bench, () => ({ block: { port: on.lab.daemon('sshd-busy').port } })),
    unreachable: (bench) => rig(bench, async () => ({ block: { port: await freePort() } })),
    slow: (bench) =>
      rig(bench, async (name) => {
        const armed = await on.lab.fault(name, 'slow');
        return { extra: { close: () => armed.disarm() } };
      }),
    lockable: (bench) =>
      rig(bench, (name) => {
        const { port } = on.lab.daemon('sshd-lock');
        return { block: { port, pamService: 'sshd-lock' }, extra: { accepts: (text) => logsIn(port, name, { password: text }) } };
      }),
    'accept-any': (bench) => rig(bench, () => ({ block: { port: on.lab.daemon('sshd-open').port } })),
    // A backup of the shadow file comes back.
    resurrecting: (bench) =>
      rig(bench, async (name) => {
        const { out } = await on.lab.sh(`getent shadow ${name}`);
        const back = `line=$(cat); grep -v '^${name}:' /etc/shadow >/etc/shadow.new; printf '%s\\n' "$line" >>/etc/shadow.new; cat /etc/shadow.new >/etc/shadow; rm /etc/shadow.new`;
        return { extra: { happen: async () => void (await on.lab.sh(back, out)) } };
      }),
    sessions: (bench) =>
      rig(bench, async (name, password) => {
        const open = await session(on.lab.port, name, { password });
        return { extra: { close: () => open.end() } };
      }),
  },
};

describe('linux-ssh', () => {
  // A login is 100 to 300 ms of arithmetic, and pam_faillock waits 2 s before it says no.
  for (const row of contractRows(fixture, { timeoutMs: 4_000 })) {
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  }
});
