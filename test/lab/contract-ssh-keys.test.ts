// The contract suite on real authorized_keys files and a real sshd: the same rows as on the simulators.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import type { SshdFault } from '../../lab/sshd.ts';
import { startSwallow } from '../../lab/swallow.ts';
import { sshKeys } from '../../src/connectors/ssh-keys/ssh-keys.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { type Ground, ground, keyPair, logsIn, type Pair, session } from './ssh-ground.ts';

const names = Array.from({ length: 45 }, (_, n) => `app${n}`);
const pairs = new Map<string, Pair>();
let on: Ground;
let next = 0;

beforeAll(async () => {
  for (const name of names) pairs.set(name, await keyPair('v0', name));
  on = await ground(
    names.map((name) => ({ name, keys: [pairs.get(name)?.line ?? ''] })),
    ['sshd-busy', 'sshd-anykey'],
    ['ssh-keys'],
  );
}, 60_000);
afterAll(() => on?.stop());

/** Every row gets an account of its own. */
type Around = { readonly block?: object; readonly extra?: Partial<Rig> };
async function rig(bench: Bench, around: (name: string, old: Pair) => Around | Promise<Around> = () => ({})): Promise<Rig> {
  const name = names[next++] as string;
  const old = pairs.get(name) as Pair;
  const { block = {}, extra = {} } = await around(name, old);
  const { timeoutMs, signal } = bench.io('lab-keys');
  // Some accounts for the row on paging; sshd -T of each takes its time.
  const connection = await on.keys({ include: [name, 'app1*'], ...block }, { timeoutMs, signal });
  const [fresh, nonsense] = await Promise.all([keyPair('v1'), keyPair('nonsense')]);
  return {
    connection,
    account: { system: 'lab-keys', id: `${20_000 + names.indexOf(name) + 1}:${name}`, name },
    old: old.text,
    values: { fresh: fresh.text, nonsense: nonsense.text },
    accepts: (text) => logsIn(on.lab.port, name, { privateKey: text }),
    ...extra,
  };
}

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

/** Puts the old key back as configuration management would. */
const putBack = (name: string, line: string, how: '>' | '>>') => async (): Promise<void> => {
  await on.lab.sh(`cat ${how}/home/${name}/.ssh/authorized_keys`, `${line}\n`);
};

const fixture: ContractFixture = {
  connector: sshKeys,
  badConfig: { config: { host: 'h.example', hostKey: 'SHA256:none', user: 'rekey', password: { env: 'X' } }, field: 'hostKey' },
  situations: {
    plain: (bench) => rig(bench),
    'reply-lost': cutAt('swallow'),
    'request-lost': cutAt('lose'),
    throttled: (bench) => rig(bench, () => ({ block: { port: on.lab.daemon('sshd-busy').port } })),
    unreachable: (bench) => rig(bench, async () => ({ block: { port: await freePort() } })),
    slow: (bench) =>
      rig(bench, async (name) => {
        const armed = await on.lab.fault(name, 'slow');
        return { extra: { close: () => armed.disarm() } };
      }),
    'accept-any': (bench) => rig(bench, () => ({ block: { port: on.lab.daemon('sshd-anykey').port } })),
    'second-value': (bench) => rig(bench, (name, old) => ({ extra: { happen: putBack(name, old.line, '>>') } })),
    resurrecting: (bench) => rig(bench, (name, old) => ({ extra: { happen: putBack(name, old.line, '>') } })),
    sessions: (bench) =>
      rig(bench, async (name, old) => {
        const open = await session(on.lab.port, name, { privateKey: old.text });
        return { extra: { close: () => open.end() } };
      }),
  },
};

describe('ssh-keys', () => {
  for (const row of contractRows(fixture, { timeoutMs: 4_000 })) {
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  }
});
