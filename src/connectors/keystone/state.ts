// The service's own record of a password. It shows a change only through the expiry it puts on it; without one there is no marker, and
// none is made up.
import { type Capabilities, done, type Lockout, refused } from '../../kit/kit.ts';
import type { Identity } from '../../protocols/keystone/identity.ts';
import type { Config } from './config.ts';
import { readUser } from './user.ts';

const dayMs = 86_400_000;

export function state(identity: Identity, settings: Config): Capabilities['state'] {
  return {
    replicas: async () => [identity.replica],
    async read(account, replica) {
      if (replica !== identity.replica) return refused('not-found', `there is no server ${replica} in the estate file`);
      const read = await readUser(identity, account.id);
      if (read.kind !== 'done') return read;
      const { user, now } = read.value;
      const days = settings.policy.passwordExpiresDays;
      const usable = user.enabled && (user.expiresAt === undefined || now === undefined || user.expiresAt > now);
      return done({
        // Empty: two readings must not be compared.
        marker: user.expiresText ?? '',
        values: 1,
        usable,
        ...(now === undefined ? {} : { now }),
        ...(days === undefined || user.expiresAt === undefined ? {} : { changedAt: new Date(user.expiresAt.getTime() - days * dayMs) }),
      });
    },
    async clock() {
      const asked = await identity.ask({ method: 'GET', path: ['v3'] }, [200]);
      if (asked.kind !== 'done') return asked;
      return asked.value.date === undefined ? refused('unsupported', 'the server sends no Date') : done(asked.value.date);
    },
  };
}

export function lockout({ lockout }: Config): Capabilities['lockout'] {
  const told: Lockout = {
    threshold: lockout?.attempts,
    failures: undefined,
    resetsOnSuccess: true,
    ...(lockout?.seconds === undefined ? {} : { windowSeconds: lockout.seconds }),
  };
  return { read: async () => done(told) };
}
