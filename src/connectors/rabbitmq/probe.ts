// One login with one secret: by AMQP on each node, and by the management API, whose door the same password opens.
import type { Capabilities, Io, Probed } from '../../kit/kit.ts';
import { login } from '../../protocols/amqp/login.ts';
import { type Endpoint, limitsOf } from '../../protocols/tcp/dial.ts';
import { type Answer, type Api, loginFailed } from './api.ts';

const amqpPath = 'amqp';
const managementPath = 'management';

export function probe(api: Api, listeners: readonly Endpoint[], vhost: string, io: Io): Capabilities['probe'] {
  return {
    async paths() {
      return [...listeners.map(({ replica }) => ({ path: amqpPath, replica })), { path: managementPath, replica: api.endpoint.replica }];
    },
    async attempt(account, secret, where) {
      if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
      if (where.path === managementPath && where.replica === api.endpoint.replica)
        return probedOf(await api.callAs(account.id, secret, 'GET', 'whoami', limitsOf(io)));
      const listener = listeners.find(({ replica }) => replica === where.replica);
      if (where.path !== amqpPath || listener === undefined) return { verdict: 'indeterminate', code: 'no-such-path' };
      return login(listener, account.id, secret, vhost, limitsOf(io));
    },
  };
}

/** A user without a tag is turned away after its password was taken: a right one and a wrong one get the same status and another reason. */
export function probedOf(answer: Answer): Probed {
  if (answer.kind !== 'answered') return { verdict: 'indeterminate', code: answer.code };
  const code = String(answer.status);
  if (answer.status === 200) return { verdict: 'accepted', code };
  if (answer.status === 401 && answer.reason === loginFailed) return { verdict: 'rejected', code };
  if (answer.status === 401 && answer.reason === 'Not management user') return { verdict: 'accepted', code: '401, no tag' };
  const wait = answer.status === 429 || answer.status === 503 ? { retryAfterMs: answer.retryAfterMs ?? 1000 } : {};
  return { verdict: 'indeterminate', code, ...wait };
}
