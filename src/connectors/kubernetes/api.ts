// How the API server is asked, and what its refusals mean.
import type { Io } from '../../kit/kit.ts';
import { asks, type Begin } from '../../protocols/http/ask.ts';
import { type Answered, type Meaning, member, textAt } from '../../protocols/http/call.ts';
import { targetOf } from '../../protocols/http/settings.ts';
import type { Config } from './config.ts';

/** The name under which the server records what Rekey changed, in managedFields. */
export const fieldManager = 'rekey';

export function apiServer(config: Config, io: Io): Begin {
  return asks({
    target: targetOf(config, io),
    io,
    token: config.token,
    header: (token) => ({ authorization: `Bearer ${token}` }),
    meanings,
    said: (body) => textAt(body, 'message'),
  });
}

function meanings({ status, body }: Answered): Readonly<Record<number, Meaning>> {
  const seconds = member(body, 'details', 'retryAfterSeconds');
  return {
    400: { fault: 'protocol', certain: true, say: 'the API server does not take the request' },
    401: { fault: 'auth', certain: true, say: 'the API server does not take the token' },
    403: { fault: 'permission', certain: true, say: 'the service account may not do this' },
    409: { fault: 'conflict', certain: true, say: 'somebody else changed it meanwhile' },
    422: { fault: 'policy', certain: true, say: 'the API server refuses the object' },
    // Also an admission webhook that does not answer: 500 with failurePolicy Fail. Whether others ran before it is not said.
    ...(status === 503 && typeof seconds === 'number'
      ? { 503: { fault: 'throttled', certain: false, say: 'the API server is overloaded' } }
      : {}),
  };
}

export const secretPath = (namespace: string, name: string): readonly string[] => ['api', 'v1', 'namespaces', namespace, 'secrets', name];
export const workloadPath = (namespace: string, plural: string, name: string): readonly string[] => [
  'apis',
  'apps',
  'v1',
  'namespaces',
  namespace,
  plural,
  name,
];
export const podsPath = (namespace: string): readonly string[] => ['api', 'v1', 'namespaces', namespace, 'pods'];
