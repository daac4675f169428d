// What a user holds beside its password and keeps through a reset. The server's answer about EC2 keys holds their secrets: only the access
// ids are taken from it.
import { done, type Outcome } from '../../kit/kit.ts';
import { listAt, textAt } from '../../protocols/http/call.ts';
import type { Identity } from '../../protocols/keystone/identity.ts';

export type Derived = {
  readonly applications: readonly { readonly id: string; readonly name: string }[];
  /** Access ids. */
  readonly keys: readonly string[];
};

export async function derivedOf(identity: Identity, user: string): Promise<Outcome<Derived>> {
  const applications = await applicationsOf(identity, user);
  if (applications.kind !== 'done') return applications;
  const keys = await identity.ask({ method: 'GET', path: ['v3', 'users', user, 'credentials', 'OS-EC2'] }, [200]);
  if (keys.kind !== 'done') return keys;
  return done({
    applications: applications.value,
    keys: listAt(keys.value.body, 'credentials').flatMap((each) => textAt(each, 'access') ?? []),
  });
}

export async function applicationsOf(identity: Identity, user: string): Promise<Outcome<Derived['applications']>> {
  const read = await identity.ask({ method: 'GET', path: ['v3', 'users', user, 'application_credentials'] }, [200]);
  if (read.kind !== 'done') return read;
  return done(
    listAt(read.value.body, 'application_credentials').flatMap((each) => {
      const id = textAt(each, 'id');
      return id === undefined ? [] : [{ id, name: textAt(each, 'name') ?? '' }];
    }),
  );
}

/** How many EC2 keys each user has, from one list. Undefined: the Rekey user may not see them. */
export async function keyCounts(identity: Identity): Promise<ReadonlyMap<string, number> | undefined> {
  const read = await identity.ask({ method: 'GET', path: ['v3', 'credentials'], query: { type: 'ec2' } }, [200]);
  if (read.kind !== 'done') return undefined;
  const counts = new Map<string, number>();
  for (const each of listAt(read.value.body, 'credentials')) {
    const user = textAt(each, 'user_id') ?? '';
    counts.set(user, (counts.get(user) ?? 0) + 1);
  }
  return counts;
}
