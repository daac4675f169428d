// Who asks, and how far each permission reaches for them. What cannot be told of a caller is refused, never assumed.
import { Problem } from '../domain/problem.ts';
import { type Permission, permissions, type Reach, type Role, reachOf } from './rights.ts';

/** `house`: the operating-system user of the process that holds the estate. `workload`: a program with an identity of its own. */
export type Via = 'house' | 'session' | 'token' | 'workload';

export type Caller = {
  /** As it stands in logs, plans and approvals. */
  readonly name: string;
  /** Holds the keyring: only ever the house. */
  readonly custodian: boolean;
  /** As the inventory names owners and identities; null owns nothing. */
  readonly identity: string | null;
  readonly roles: readonly Role[];
  readonly via: Via;
  /** Id of the member behind a session or a token. */
  readonly member?: string;
  /** What a token was made for; it never reaches beyond its member. */
  readonly scope?: readonly Permission[];
  readonly session?: { readonly id: string; readonly csrf: string; readonly passkeyAt: Date | null };
};

export function houseCaller(name: string): Caller {
  return { name, custodian: true, identity: null, roles: [], via: 'house' };
}

/** Undefined = not at all. */
export function reachFor(caller: Caller, permission: Permission): Reach | undefined {
  if (caller.via === 'house') return 'all';
  if (caller.scope !== undefined && !caller.scope.includes(permission)) return undefined;
  return reachOf(caller.roles, permission);
}

export function permissionsOf(caller: Caller): Partial<Record<Permission, Reach>> {
  const held: Partial<Record<Permission, Reach>> = {};
  for (const permission of permissions) {
    const reach = reachFor(caller, permission);
    if (reach !== undefined) held[permission] = reach;
  }
  return held;
}

/** The identity whose things alone this caller may see or act on; null = everything. */
export function ownOnly(caller: Caller, permission: Permission): string | null {
  switch (reachFor(caller, permission)) {
    case 'all':
      return null;
    case 'own':
      return caller.identity ?? '';
    case undefined:
      throw notPermitted(caller, permission);
  }
}

export function notPermitted(caller: Caller, permission: Permission): Problem {
  const why =
    caller.scope !== undefined && reachOf(caller.roles, permission) !== undefined
      ? 'this token was not made for'
      : 'none of your roles gives';
  return new Problem('not-permitted', {
    message: `${caller.name} may not: ${why} ${permission}`,
    hint: 'an administrator gives roles: rekey member roles ID --roles ROLE',
  });
}
