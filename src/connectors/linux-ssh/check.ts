// What doctor shows of one Linux host: reach, host key, login, rights, rules and clock told apart, each with the next step.
import type { Capabilities, Check, Io } from '../../kit/kit.ts';
import type { Host } from '../../protocols/ssh/host.ts';
import { clockCheck, type Need, reachChecks, rightsChecks } from '../../protocols/ssh/host-checks.ts';
import type { ReadRules, Rules } from './rules.ts';

/** One more than the largest number Linux gives to a process. */
const noProcess = '4194305';

const allow = (command: string): string => `ALL=(root) NOPASSWD: ${command}`;

/** chpasswd gets an empty input and chage an account that is not there: neither changes anything. */
const needs: readonly Need[] = [
  { argv: ['chpasswd', '-e'], as: 'root', rule: allow('/usr/sbin/chpasswd -e'), what: 'passwords cannot be set', input: '' },
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
const countNeed: Need = {
  argv: ['faillock', '--user', 'root'],
  as: 'root',
  rule: allow('/usr/sbin/faillock --user *'),
  what: 'failed logins cannot be counted',
};

export function check(host: Host, rules: ReadRules, io: Io): Capabilities['check'] {
  return {
    async *run() {
      if (!(yield* reachChecks(host))) return;
      const read = await rules();
      const known = read.kind === 'done' ? read.value : undefined;
      yield* rightsChecks(host, known?.faillock === undefined ? needs : [...needs, countNeed]);
      yield* ruleChecks(known);
      yield await clockCheck(host, io);
    },
  };
}

function* ruleChecks(rules: Rules | undefined): Generator<Check> {
  if (rules === undefined) {
    const next = 'Let every login read /etc/login.defs, /etc/pam.d and /etc/security.';
    yield { id: 'policy', verdict: 'warn', message: 'the rules on passwords cannot be read', next };
    return;
  }
  const { method, minLength, faillock, counted } = rules;
  const own = method === undefined || method === 'SHA512' ? '' : `; the host itself would write ${method}, and takes both`;
  yield { id: 'policy', verdict: 'ok', message: `at least ${minLength} characters; Rekey writes SHA512 hashes${own}` };
  if (counted)
    yield {
      id: 'lockout',
      verdict: 'warn',
      message: 'pam_tally counts failed logins, and its count cannot be read',
      next: 'Move to pam_faillock, or old passwords are not tried on this host.',
    };
  else if (faillock !== undefined) {
    const { deny, windowSeconds } = faillock;
    yield { id: 'lockout', verdict: 'ok', message: `accounts lock after ${deny} failures in ${windowSeconds} s: kept` };
  }
}
