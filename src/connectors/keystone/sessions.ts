// What opens the cloud for a user without its password, and goes on after a reset: application credentials, EC2 keys, and tokens that
// services have just checked.
import { type AccountRef, type Capabilities, done, type Io, type Outcome, type Session } from '../../kit/kit.ts';
import type { Identity } from '../../protocols/keystone/identity.ts';
import type { Config } from './config.ts';
import { type Derived, derivedOf } from './derived.ts';

/** The server dates none of them. Whatever is there counts as older than any change: nobody can show otherwise. */
const undated = new Date(0);

export function sessions(identity: Identity, settings: Config, io: Io): Capabilities['sessions'] {
  const cacheMs = settings.tokenCacheSeconds * 1000;
  const cached: Session = { id: 'cached-tokens', startedAt: undated, from: 'services that have just checked a token', own: false };
  return {
    async list(account) {
      const derived = await derivedOf(identity, account.id);
      if (derived.kind !== 'done') return derived;
      return done([...derived.value.applications.map(application), ...derived.value.keys.map(key), ...(cacheMs > 0 ? [cached] : [])]);
    },
    async end(account, before) {
      const derived = await derivedOf(identity, account.id);
      if (derived.kind !== 'done') return derived;
      const held = derived.value.applications.length + derived.value.keys.length;
      let ended = 0;
      if (settings.revokeApplicationCredentials) {
        const deleted = await deleteAll(identity, account, derived.value);
        if (deleted.kind !== 'done') return deleted;
        ended = deleted.value;
      }
      // A clock that differs by seconds does not matter here: five minutes are a rule of thumb.
      const cacheLeft = cacheMs - Math.max(0, io.now().getTime() - before.getTime());
      const caches = cacheMs > 0 && cacheLeft > 0 ? 1 : 0;
      const left = held - ended + caches;
      // Only where nothing else is left does time alone end it.
      return done({ ended, left, ...(left > 0 && left === caches ? { residualMs: cacheLeft } : {}) });
    },
  };
}

const application = ({ id, name }: { id: string; name: string }): Session => ({
  id: `application-credential:${id}`,
  startedAt: undated,
  from: name,
  own: false,
});
const key = (access: string): Session => ({ id: `ec2:${access}`, startedAt: undated, from: 'EC2 key', own: false });

/** Gone already is as good as deleted. */
async function deleteAll(identity: Identity, account: AccountRef, derived: Derived): Promise<Outcome<number>> {
  const paths = [
    ...derived.applications.map(({ id }) => ['v3', 'users', account.id, 'application_credentials', id]),
    ...derived.keys.map((access) => ['v3', 'users', account.id, 'credentials', 'OS-EC2', access]),
  ];
  for (const path of paths) {
    const deleted = await identity.ask({ method: 'DELETE', path }, [204, 404]);
    if (deleted.kind !== 'done') return deleted;
  }
  return done(paths.length);
}
