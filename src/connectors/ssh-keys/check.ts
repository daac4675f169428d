// What doctor shows of one host's user keys: reach, host key, login, rights, where sshd finds keys, and the clock, each with the next step.
import type { Capabilities, Check, Io, Outcome } from '../../kit/kit.ts';
import { parsePasswd } from '../../protocols/ssh/accounts.ts';
import { exitOf, type Host, ran } from '../../protocols/ssh/host.ts';
import { clockCheck, type Need, reachChecks, rightsChecks } from '../../protocols/ssh/host-checks.ts';
import type { Config } from './config.ts';
import { type KeyPlaces, readPlaces, shell } from './files.ts';

const allow = (command: string): string => `ALL=(root) NOPASSWD: ${command}`;
/** One more than the largest number Linux gives to a process. */
const noProcess = '4194305';

const needs: readonly Need[] = [
  { argv: shell, as: 'root', rule: 'ALL=(ALL) NOPASSWD: /bin/sh -s', what: 'keys cannot be read or written', input: 'exit 0\n' },
  {
    argv: ['getent', 'shadow', 'root'],
    as: 'root',
    rule: allow('/usr/bin/getent shadow, /usr/bin/getent shadow *'),
    what: 'states cannot be read',
  },
  { argv: ['kill', '-KILL', noProcess], as: 'root', rule: allow('/usr/bin/kill -KILL *'), what: 'sessions cannot be ended' },
  {
    argv: ['chage', '-E', '3000', 'rekey-no-such-account'],
    as: 'root',
    rule: allow('/usr/bin/chage -E *'),
    what: 'accounts cannot be blocked',
  },
];

export function check(host: Host, settings: Config, io: Io): Capabilities['check'] {
  return {
    async *run() {
      if (!(yield* reachChecks(host))) return;
      yield* rightsChecks(host, needs);
      yield* placeChecks(host, settings);
      yield await clockCheck(host, io);
    },
  };
}

async function* placeChecks(host: Host, settings: Config): AsyncGenerator<Check> {
  const own = exitOf(await host.ask({ argv: ['getent', 'passwd', host.user] }));
  const read: Outcome<readonly KeyPlaces[]> = ran(own) ? await readPlaces(host, settings, parsePasswd(own.out)) : own;
  // What cannot be read was said by the rights already.
  if (read.kind !== 'done') return;
  const [places] = read.value;
  if (places === undefined) return;
  if (!places.told) {
    const next = 'Name its configuration in config.sshdConfig, or list the files in config.files.';
    yield { id: 'policy', verdict: 'warn', message: 'sshd -T does not say where keys are: the list of the estate file is taken', next };
    return;
  }
  yield { id: 'policy', verdict: 'ok', message: `sshd reads ${places.files.map(({ path }) => path).join(', ')}` };
  if (places.command !== undefined)
    yield {
      id: 'policy',
      verdict: 'warn',
      message: `sshd also takes keys from a command (${places.command})`,
      next: 'Reset those keys where the command finds them: they are in no file of the account.',
    };
  if (places.cas !== undefined)
    yield {
      id: 'policy',
      verdict: 'warn',
      message: `sshd also takes certificates (TrustedUserCAKeys ${places.cas})`,
      next: 'Revoke certificates with a KRL (RevokedKeys): a reset of keys leaves them valid.',
    };
}
