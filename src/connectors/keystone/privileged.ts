// Who holds one of the strong roles anywhere, directly or through a group. Undefined: the Rekey user may not see it, and nobody is called
// harmless for that.
import { listAt, textAt } from '../../protocols/http/call.ts';
import type { Identity } from '../../protocols/keystone/identity.ts';

export async function privilegedUsers(identity: Identity, roles: readonly string[]): Promise<ReadonlySet<string> | undefined> {
  const users = new Set<string>();
  const groups = new Set<string>();
  const ids = await roleIds(identity, roles);
  if (ids === undefined) return undefined;
  for (const role of ids) {
    const read = await identity.ask({ method: 'GET', path: ['v3', 'role_assignments'], query: { 'role.id': role } }, [200]);
    if (read.kind !== 'done') return undefined;
    for (const assignment of listAt(read.value.body, 'role_assignments')) {
      const user = textAt(assignment, 'user', 'id');
      const group = textAt(assignment, 'group', 'id');
      if (user !== undefined) users.add(user);
      if (group !== undefined) groups.add(group);
    }
  }
  for (const group of groups) {
    const read = await identity.ask({ method: 'GET', path: ['v3', 'groups', group, 'users'] }, [200]);
    if (read.kind !== 'done') return undefined;
    for (const user of listAt(read.value.body, 'users')) users.add(textAt(user, 'id') ?? '');
  }
  return users;
}

async function roleIds(identity: Identity, names: readonly string[]): Promise<readonly string[] | undefined> {
  const read = await identity.ask({ method: 'GET', path: ['v3', 'roles'] }, [200]);
  if (read.kind !== 'done') return undefined;
  return listAt(read.value.body, 'roles')
    .filter((role) => names.includes(textAt(role, 'name') ?? ''))
    .map((role) => textAt(role, 'id') ?? '');
}
