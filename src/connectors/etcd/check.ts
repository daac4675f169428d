// What doctor shows of an etcd store: the members, the login, and roles that reach further than a store needs.
import type { Capabilities, Check } from '../../kit/kit.ts';
import { listAt } from '../../protocols/http/call.ts';
import { unreached } from '../../protocols/http/checks.ts';
import type { Config } from './config.ts';
import type { Members } from './members.ts';

export function check(
  config: Config,
  etcd: Members,
  each: readonly { readonly url: string; readonly members: Members }[],
): Capabilities['check'] {
  return {
    async *run() {
      let reached = 0;
      for (const { url, members } of each) {
        const version = await members.version();
        if (version.kind === 'done') {
          reached += 1;
          yield { id: 'reach', verdict: 'ok', message: `${url} answers: etcd ${version.value}` };
        } else yield unreached(version.fault.target ?? '', url, 'config.endpoints');
      }
      if (reached === 0) return;
      const login = await etcd.login();
      if (login.kind !== 'done') {
        yield { id: 'auth', verdict: 'fail', message: login.fault.message, next: 'Put the right password where config.password points.' };
        return;
      }
      if (login.value === 'off') {
        // Any key will do: what matters is whether etcd asks who is there.
        const open = await etcd.begin()(
          ['v3', 'kv', 'range'],
          { key: Buffer.from(`${config.prefix}rekey-doctor`).toString('base64'), limit: 1 },
          true,
        );
        yield open.kind === 'done'
          ? {
              id: 'auth',
              verdict: 'warn',
              message: 'authentication is off: everybody who reaches etcd reads and writes every key',
              next: 'etcdctl auth enable, with a user and a role for Rekey.',
            }
          : { id: 'auth', verdict: 'fail', message: open.fault.message, next: 'Set config.user and config.password.' };
        return;
      }
      yield { id: 'auth', verdict: 'ok', message: `logged in as ${config.user}` };
      yield* rightsChecks(config, etcd);
    },
  };
}

async function* rightsChecks({ user = '', prefix }: Config, etcd: Members): AsyncGenerator<Check> {
  const own = await etcd.begin()(['v3', 'auth', 'user', 'get'], { name: user }, true);
  if (own.kind !== 'done') {
    yield {
      id: 'rights',
      verdict: 'warn',
      message: `roles cannot be read: ${own.fault.message}`,
      next: 'Check that the user has a role for the keys.',
    };
    return;
  }
  const roles = listAt(own.value.body, 'roles').map(String);
  if (roles.length === 0)
    yield { id: 'rights', verdict: 'fail', message: `${user} has no role`, next: 'etcdctl user grant-role, with readwrite on the keys.' };
  else if (roles.includes('root'))
    yield {
      id: 'rights',
      verdict: 'warn',
      message: `${user} is root: more than a store needs`,
      next: `Use a user whose role has readwrite on ${prefix === '' ? 'the keys of the consumers' : prefix} only.`,
    };
  else yield { id: 'rights', verdict: 'ok', message: `roles: ${roles.join(', ')}` };
}
