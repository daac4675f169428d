// Every user that holds credentials of this kind, once for each project, in the order of ids. One list is read and handed out in pieces:
// the service has no pages.
import { type Capabilities, done, type Found, type Outcome } from '../../kit/kit.ts';
import { listAt, textAt } from '../../protocols/http/call.ts';
import type { Identity } from '../../protocols/keystone/identity.ts';
import type { Config } from './config.ts';
import { idOf } from './holder.ts';
import type { CredentialKind, Listed } from './kind.ts';

export function inventory(identity: Identity, kind: CredentialKind, settings: Config): Capabilities['inventory'] {
  let all: readonly Found[] | undefined;
  return {
    async page({ cursor, limit }) {
      if (cursor === undefined || all === undefined) {
        const read = await holders(identity, kind, settings);
        if (read.kind !== 'done') return read;
        all = read.value;
      }
      const rest = all.filter(({ id }) => cursor === undefined || id > cursor);
      const items = rest.slice(0, limit);
      const last = items.at(-1);
      return done(last === undefined || items.length === rest.length ? { items } : { items, next: last.id });
    },
  };
}

async function holders(identity: Identity, kind: CredentialKind, settings: Config): Promise<Outcome<readonly Found[]>> {
  const listed = await kind.list();
  if (listed.kind !== 'done') return listed;
  const [users, projects] = [await names(identity, 'users'), await names(identity, 'projects')];
  if (users.kind !== 'done') return users;
  if (projects.kind !== 'done') return projects;
  const groups = new Map<string, Listed[]>();
  for (const each of listed.value) groups.set(idOf(each), [...(groups.get(idOf(each)) ?? []), each]);
  const found = [...groups].map(([id, slots]): Found => {
    const { user, project } = slots[0] as Listed; // a group has one at least
    const login = users.value.get(user) ?? user;
    return {
      id,
      name: `${login}@${projects.value.get(project) ?? project}`,
      login,
      kind: 'service',
      enabled: slots.some(({ expired }) => !expired),
      privileged: false,
      facts: {
        credentials: slots.length,
        expired: slots.filter(({ expired }) => expired).length,
        names: slots.flatMap(({ label }) => label ?? []).slice(0, 10),
        ...(settings.kind === 'application' ? { canBeMade: settings.owners.some((owner) => owner.user === login) } : {}),
      },
    };
  });
  return done(found.sort((a, b) => (a.id < b.id ? -1 : 1)));
}

async function names(identity: Identity, what: 'users' | 'projects'): Promise<Outcome<ReadonlyMap<string, string>>> {
  const read = await identity.ask({ method: 'GET', path: ['v3', what] }, [200]);
  if (read.kind !== 'done') return read;
  return done(new Map(listAt(read.value.body, what).map((each) => [textAt(each, 'id') ?? '', textAt(each, 'name') ?? ''])));
}
