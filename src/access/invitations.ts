// Invitations: one code for one person, shown once, listed without it, taken back at any time. A member who lost the passkey gets one, too.
import { Problem } from '../domain/problem.ts';
import { type Access, recordAccess } from './access.ts';
import type { Caller } from './caller.ts';
import { type NewMember, noMember } from './members.ts';
import { hashOf, newCode } from './opaque.ts';
import type { JoinCode } from './port.ts';
import { assertFresh, maySignIn } from './sessions.ts';

/** People read mail at weekends. */
const invitationHours = 72;

export type Invitation = { readonly code: string; readonly expiresAt: Date };

export async function invite(
  access: Access,
  caller: Caller,
  request: NewMember & { readonly expiresInHours?: number },
): Promise<Invitation> {
  assertFresh(caller, access.now());
  return access.store.transaction(async () => {
    const { name, roles } = request;
    const made = await newInvitation(access, caller, { ...request, forMember: null }, request.expiresInHours);
    await recordAccess(access, 'invited', { by: caller.name, name, roles, expiresAt: made.expiresAt.toISOString() });
    return made;
  });
}

/** Every session of theirs ends at once: whoever holds the lost device is out before the code is handed over. An older way back is void. */
export async function inviteBack(
  access: Access,
  caller: Caller,
  id: string,
  { keepPasskeys, expiresInHours }: { readonly keepPasskeys: boolean; readonly expiresInHours?: number },
): Promise<Invitation> {
  const at = access.now();
  assertFresh(caller, at);
  return access.store.transaction(async () => {
    const { store } = access;
    const member = await store.members.get(id);
    if (member === undefined) throw noMember(id);
    if (!maySignIn(member, at))
      throw new Problem('conflict', { message: `${member.name} may not sign in`, hint: 'let them in again first, then invite them' });
    const had = await store.passkeys.of(id);
    if (!keepPasskeys) for (const passkey of had) await store.passkeys.remove(passkey.id);
    const sessionsEnded = await store.sessions.endAll(id, `invited back by ${caller.name}`, at);
    await store.codes.revokeFor(id);
    const { name, email, identity, roles } = member;
    const made = await newInvitation(access, caller, { name, email, identity, roles, forMember: id }, expiresInHours);
    await recordAccess(access, 'invited-back', {
      by: caller.name,
      member: id,
      name,
      passkeysRemoved: keepPasskeys ? 0 : had.length,
      sessionsEnded,
      expiresAt: made.expiresAt.toISOString(),
    });
    return made;
  });
}

export async function revokeInvitation(access: Access, caller: Caller, id: string): Promise<void> {
  assertFresh(caller, access.now());
  await access.store.transaction(async () => {
    const code = await access.store.codes.revoke(id, access.now());
    if (code === undefined)
      throw new Problem('not-found', { message: `there is no open invitation ${id}`, hint: 'rekey member invitations' });
    await recordAccess(access, 'invitation-revoked', {
      by: caller.name,
      name: code.name,
      ...(code.forMember === null ? {} : { member: code.forMember }),
    });
  });
}

async function newInvitation(
  { store, now, newId }: Access,
  caller: Caller,
  { name, email, identity, roles, forMember }: NewMember & Pick<JoinCode, 'forMember'>,
  hours = invitationHours,
): Promise<Invitation> {
  const code = newCode();
  const expiresAt = new Date(now().getTime() + hours * 3_600_000);
  const about = { name, email, identity, roles, forMember, createdBy: caller.name, expiresAt };
  await store.codes.create({ id: newId('I'), hash: hashOf(code), kind: 'invitation', ...about });
  return { code, expiresAt };
}
