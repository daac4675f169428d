// What doctor shows of one Identity service: reach, TLS, login, rights, rules and clock are told apart, and each failure says the next
// step.
import type { Capabilities, Check, Io } from '../../kit/kit.ts';
import { member } from '../../protocols/http/call.ts';
import { clockCheck } from '../../protocols/http/checks.ts';
import { greeting } from '../../protocols/keystone/greeting.ts';
import type { Identity } from '../../protocols/keystone/identity.ts';
import type { Config } from './config.ts';
import { derivedOf } from './derived.ts';
import { readRegex } from './policy.ts';
import { privilegedUsers } from './privileged.ts';

export function check(identity: Identity, settings: Config, io: Io): Capabilities['check'] {
  return {
    async *run() {
      const began = io.now();
      const me = yield* greeting(identity, settings, io);
      if (me === undefined) return;
      yield* rights(identity, settings, me.own);
      yield* rules(identity, settings);
      if (me.date !== undefined) yield clockCheck(me.date, began, io.now());
    },
  };
}

async function* rights(identity: Identity, settings: Config, own: string): AsyncGenerator<Check> {
  const list = await identity.ask({ method: 'GET', path: ['v3', 'users'], query: { domain_id: settings.userDomain } }, [200]);
  if (list.kind !== 'done') {
    yield {
      id: 'rights',
      verdict: 'fail',
      message: `users cannot be listed: ${list.fault.message}`,
      next: 'openstack role add --user rekey --system all admin, and leave config.project out.',
    };
    return;
  }
  if (member(list.value.body, 'truncated') === true)
    yield {
      id: 'rights',
      verdict: 'fail',
      message: 'the server cuts its lists: some users would not be found',
      next: 'Raise list_limit in keystone.conf, or name one domain in config.userDomain.',
    };
  else yield { id: 'rights', verdict: 'ok', message: 'users can be listed' };
  // Whether a reset is allowed shows only at a reset: the service has no dry run.
  if ((await derivedOf(identity, own)).kind !== 'done')
    yield {
      id: 'rights',
      verdict: 'fail',
      message: 'application credentials and EC2 keys cannot be seen',
      next: 'Give the Rekey user the admin role, or let policy.yaml allow identity:list_application_credentials and identity:ec2_list_credentials.',
    };
  if ((await privilegedUsers(identity, settings.privilegedRoles)) === undefined)
    yield {
      id: 'rights',
      verdict: 'warn',
      message: 'role assignments cannot be read: nobody is shown as privileged',
      next: 'Let policy.yaml allow identity:list_role_assignments and identity:list_roles.',
    };
}

async function* rules(identity: Identity, settings: Config): AsyncGenerator<Check> {
  const regex = await readRegex(identity);
  yield regex === undefined
    ? { id: 'policy', verdict: 'ok', message: 'the server shows no password_regex' }
    : { id: 'policy', verdict: 'ok', message: `passwords must match ${regex.slice(0, 100)}` };
  if (settings.lockout === undefined)
    yield {
      id: 'policy',
      verdict: 'warn',
      message: 'whether wrong passwords lock a user cannot be read from the server',
      next: 'Write lockout_failure_attempts and lockout_duration of keystone.conf into config.lockout (attempts: 0 = off).',
    };
  if (!settings.revokeApplicationCredentials)
    yield {
      id: 'policy',
      verdict: 'warn',
      message: 'application credentials and EC2 keys survive a reset, and stay',
      next: 'Set revokeApplicationCredentials, or rotate them in a keystone-credentials system.',
    };
}
