// Members: whom an administrator lets in, and what they hold. There is always somebody left who can give rights.
import { randomBytes } from 'node:crypto';
import { Problem } from '../domain/problem.ts';
import { type Access, recordAccess } from './access.ts';
import type { Caller } from './caller.ts';
import type { Member, MemberChange } from './port.ts';
import type { Role } from './rights.ts';
import { assertFresh } from './sessions.ts';

export type NewMember = {
  readonly name: string;
  readonly email: string | null;
  readonly identity: string | null;
  readonly roles: readonly Role[];
};

export async function newMember(
  { store, now, newId }: Access,
  member: NewMember & { readonly handle?: Uint8Array; readonly issuer?: string; readonly subject?: string },
  createdBy: string,
): Promise<Member> {
  const made: Member = {
    id: newId('M'),
    name: member.name,
    email: member.email,
    identity: member.identity ?? member.email,
    roles: member.roles,
    disabledAt: null,
    expiresAt: null,
    handle: member.handle ?? randomBytes(32),
    issuer: member.issuer ?? null,
    subject: member.subject ?? null,
    createdBy,
    createdAt: now(),
    seenAt: null,
  };
  if (!(await store.members.create(made)))
    throw new Problem('conflict', {
      message: `somebody has this name, e-mail address or identity already: ${member.name}`,
      hint: 'rekey member ls',
    });
  return made;
}

/** Somebody who will sign in at the OpenID provider, or a program that only ever holds tokens. */
export async function addMember(access: Access, caller: Caller, request: NewMember): Promise<Member> {
  assertFresh(caller, access.now());
  return access.store.transaction(async () => {
    const made = await newMember(access, request, caller.name);
    await recordAccess(access, 'member-added', { by: caller.name, member: made.id, name: made.name, roles: made.roles });
    return made;
  });
}

export type Change = {
  readonly roles?: readonly Role[];
  readonly disabled?: boolean;
  readonly identity?: string | null;
  readonly expiresAt?: string | null;
};

/** Takes effect with the next request of theirs; whoever is disabled is signed out at once. */
export async function changeMember(access: Access, caller: Caller, id: string, change: Change): Promise<void> {
  const at = access.now();
  assertFresh(caller, at);
  await access.store.transaction(async () => {
    const member = await access.store.members.get(id);
    if (member === undefined) throw noMember(id);
    const { roles, identity } = change;
    const next: MemberChange = {
      ...(roles === undefined ? {} : { roles }),
      ...(identity === undefined ? {} : { identity }),
      ...(change.disabled === undefined ? {} : { disabledAt: change.disabled ? at : null }),
      ...(change.expiresAt === undefined ? {} : { expiresAt: change.expiresAt === null ? null : new Date(change.expiresAt) }),
    };
    const were = await access.store.members.administrators(at);
    await access.store.members.change(id, next);
    if (were.length > 0 && (await access.store.members.administrators(at)).length === 0)
      throw new Problem('conflict', {
        message: `${member.name} is the last administrator: nobody could give rights any more`,
        hint: 'make somebody else administrator first',
      });
    const ended = change.disabled === true ? await access.store.sessions.endAll(id, `disabled by ${caller.name}`, at) : 0;
    await recordAccess(access, 'member-changed', {
      by: caller.name,
      member: id,
      name: member.name,
      ...(roles === undefined ? {} : { from: member.roles, roles }),
      ...(identity === undefined ? {} : { identityFrom: member.identity, identity }),
      ...(change.disabled === undefined ? {} : { disabled: change.disabled }),
      ...(change.expiresAt === undefined ? {} : { expiresAt: change.expiresAt }),
      sessionsEnded: ended,
    });
  });
}

export function noMember(id: string): Problem {
  return new Problem('not-found', { message: `there is no member ${id}`, hint: 'rekey member ls' });
}
