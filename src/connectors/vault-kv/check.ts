// What doctor shows of a Vault KV store: the node, the token, its time left and its policy.
import type { Capabilities, Check } from '../../kit/kit.ts';
import { type Begin, firstFailure } from '../../protocols/http/ask.ts';
import { listAt, member } from '../../protocols/http/call.ts';
import type { Config } from './config.ts';

/** Less than this, and the token may end within a run. */
const shortSeconds = 3600;

export function check({ url }: Config, begin: Begin): Capabilities['check'] {
  return {
    async *run() {
      // Each question may take its full time: doctor is no operation of a run.
      // Uninitialised, sealed and standby nodes have statuses of their own here.
      const health = await begin()(
        { method: 'GET', path: ['v1', 'sys', 'health'], query: { standbyok: 'true' } },
        [200, 429, 472, 473, 501, 503],
      );
      if (health.kind !== 'done') {
        yield firstFailure(health.fault, url);
        return;
      }
      const { status, body } = health.value;
      if (status !== 200) {
        yield {
          id: 'reach',
          verdict: 'fail',
          message: `${url}: ${states[status] ?? 'not ready'}`,
          next: 'Unseal it, or point config.url at the active node.',
        };
        return;
      }
      yield { id: 'reach', verdict: 'ok', message: `${url} answers: version ${String(member(body, 'version') ?? 'unknown')}` };
      const self = await begin()({ method: 'GET', path: ['v1', 'auth', 'token', 'lookup-self'] }, [200]);
      if (self.kind !== 'done') {
        yield {
          id: 'auth',
          verdict: 'fail',
          message: `${url}: ${self.fault.message}`,
          next: 'Put a valid token where config.token points.',
        };
        return;
      }
      yield* tokenChecks(self.value.body);
    },
  };
}

const states: Readonly<Record<number, string>> = {
  429: 'a standby node',
  472: 'a disaster recovery secondary',
  473: 'a performance standby',
  501: 'not initialised',
  503: 'sealed',
};

function* tokenChecks(body: unknown): Generator<Check> {
  const policies = listAt(body, 'data', 'policies').map(String);
  const ttl = Number(member(body, 'data', 'ttl') ?? 0);
  yield { id: 'auth', verdict: 'ok', message: `token with the policies ${policies.join(', ')}` };
  if (policies.includes('root'))
    yield {
      id: 'rights',
      verdict: 'warn',
      message: 'the token is a root token: more than it needs',
      next: 'Give it a policy with read, update and patch on the paths consumers read.',
    };
  // 0 is a token without an end.
  if (ttl > 0 && ttl < shortSeconds)
    yield {
      id: 'auth',
      verdict: 'warn',
      message: `the token ends in ${ttl} s`,
      next: 'Renew it, or let an agent keep it in the file config.token names.',
    };
}
