// The users of a domain or of all domains, in the order of their ids. The server has no pages: one list is read and handed out in pieces.
import { type Capabilities, done, type Facts, type Found, indeterminate, type Outcome } from '../../kit/kit.ts';
import { listAt, member } from '../../protocols/http/call.ts';
import type { Identity } from '../../protocols/keystone/identity.ts';
import type { Config } from './config.ts';
import { applicationsOf, keyCounts } from './derived.ts';
import { kindOf } from './guess.ts';
import { privilegedUsers } from './privileged.ts';
import { type User, userOf } from './user.ts';

type Listing = {
  readonly users: readonly User[];
  readonly privileged: ReadonlySet<string> | undefined;
  readonly own: string;
  readonly keys: ReadonlyMap<string, number> | undefined;
};

/** Calls in flight for one page: the service spends a core on each. */
const atOnce = 4;

export function inventory(identity: Identity, settings: Config): Capabilities['inventory'] {
  let listing: Listing | undefined;
  return {
    async page({ cursor, limit }) {
      if (cursor === undefined || listing === undefined) {
        const read = await list(identity, settings);
        if (read.kind !== 'done') return read;
        listing = read.value;
      }
      const { users } = listing;
      const from = cursor === undefined ? 0 : users.findIndex(({ id }) => id > cursor);
      const some = from < 0 ? [] : users.slice(from, from + limit);
      const items: Found[] = [];
      for (let at = 0; at < some.length; at += atOnce) {
        const few = some.slice(at, at + atOnce);
        const counts = await Promise.all(few.map(async ({ id }) => applicationCount(await applicationsOf(identity, id))));
        items.push(...few.map((user, n) => found(user, listing as Listing, counts[n])));
      }
      const last = some.at(-1);
      const more = last !== undefined && from + limit < users.length;
      return done(more ? { items, next: last.id } : { items });
    },
  };
}

async function list(identity: Identity, settings: Config): Promise<Outcome<Listing>> {
  const me = await identity.me();
  if (me.kind !== 'done') return me;
  const query = { domain_id: settings.userDomain };
  const read = await identity.ask({ method: 'GET', path: ['v3', 'users'], query }, [200]);
  if (read.kind !== 'done') return read;
  // list_limit of keystone.conf cuts lists, and there is no way to the rest: part of the users must not pass for all of them.
  if (member(read.value.body, 'truncated') === true)
    return indeterminate('protocol', 'the server cuts its lists (list_limit): name a domain in config.userDomain, or raise the limit');
  const users = listAt(read.value.body, 'users').map(userOf);
  if (users.includes(undefined)) return indeterminate('protocol', 'the server listed something that is no user');
  const known = users.filter((user) => user !== undefined).sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return done({
    users: known,
    privileged: await privilegedUsers(identity, settings.privilegedRoles),
    own: me.value,
    keys: await keyCounts(identity),
  });
}

const applicationCount = (read: Outcome<readonly unknown[]>): number | undefined => (read.kind === 'done' ? read.value.length : undefined);

function found(user: User, { privileged, own, keys }: Listing, applications: number | undefined): Found {
  const facts: Facts = {
    domain: user.domain,
    ...(user.email === undefined ? {} : { email: user.email }),
    ...(user.expiresText === undefined ? {} : { passwordExpiresAt: user.expiresText }),
    ...(user.project === undefined ? {} : { defaultProject: user.project }),
    ...(user.options.multi_factor_auth_enabled === true ? { multiFactor: true } : {}),
    ...(user.options.ignore_lockout_failure_attempts === true ? { neverLocked: true } : {}),
    applicationCredentials: applications ?? 'not readable',
    ec2Keys: keys === undefined ? 'not readable' : (keys.get(user.id) ?? 0),
    ...(privileged === undefined ? { roles: 'not readable' } : {}),
    ...(user.id === own ? { own: true } : {}),
  };
  return {
    id: user.id,
    name: user.name,
    kind: kindOf(user),
    enabled: user.enabled,
    privileged: privileged?.has(user.id) ?? false,
    ...(user.description === undefined || user.description === '' ? {} : { owner: user.description }),
    facts,
  };
}
