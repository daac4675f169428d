// One MQTT login with one secret on one listener, and what CONNACK says about the secret, as data.
import type { Capabilities, Io, Probed } from '../../kit/kit.ts';
import { type Connack, login } from '../../protocols/mqtt/login.ts';
import { type Endpoint, type Failed, limitsOf } from '../../protocols/tcp/dial.ts';

const loginPath = 'mqtt';

type Meaning = { readonly verdict: Probed['verdict']; readonly retryAfterMs?: number; readonly why: string };

/** Mosquitto looks at name and password last: 5 is its answer to a wrong one, 4 what the standard names for it. */
export const connackMeanings: Readonly<Record<number, Meaning>> = {
  0: {
    verdict: 'accepted',
    why: 'logged in; a broker with allow_anonymous and no password file takes anything, which the nonsense control shows',
  },
  1: { verdict: 'indeterminate', why: 'the broker does not speak MQTT 3.1.1 here' },
  2: { verdict: 'indeterminate', why: 'the client name was refused before the password was looked at: set clientPrefix' },
  3: { verdict: 'indeterminate', retryAfterMs: 1000, why: 'the broker is not available' },
  4: { verdict: 'rejected', why: 'wrong user name or password' },
  5: { verdict: 'rejected', why: 'wrong user name or password, as Mosquitto says it' },
};

export function probedOf(answer: Connack | Failed): Probed {
  if ('failed' in answer) return { verdict: 'indeterminate', code: answer.failed };
  const { verdict, retryAfterMs }: Partial<Meaning> = connackMeanings[answer.code] ?? { verdict: 'indeterminate' };
  return { verdict: verdict ?? 'indeterminate', code: String(answer.code), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

export function probe(listeners: readonly Endpoint[], clientPrefix: string, io: Io): Capabilities['probe'] {
  return {
    async paths() {
      return listeners.map(({ replica }) => ({ path: loginPath, replica }));
    },
    async attempt(account, secret, where) {
      const listener = listeners.find(({ replica }) => replica === where.replica);
      if (listener === undefined || where.path !== loginPath) return { verdict: 'indeterminate', code: 'no-such-path' };
      if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
      return probedOf(await login(listener, account.id, secret, clientPrefix, limitsOf(io)));
    },
  };
}
