// Signing in with a passkey. Every try is counted and on record, also the refused ones; a refusal says the same to everybody.
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { Problem } from '../domain/problem.ts';
import { type Access, countAttempt, type From, recordAccess } from './access.ts';
import type { Caller } from './caller.ts';
import { askForNew, askForSignIn, readNew, readSignIn } from './passkeys.ts';
import type { Member, StoredPasskey } from './port.ts';
import { assertFresh, maySignIn, type NewSession, openSession } from './sessions.ts';

export async function signInOptions(access: Access, from: From): Promise<PublicKeyCredentialRequestOptionsJSON> {
  await countAttempt(access, 'sign-in', from);
  return askForSignIn(access);
}

export async function signInWithPasskey(
  access: Access,
  from: From,
  answer: AuthenticationResponseJSON,
  before: Caller | null,
): Promise<NewSession> {
  const member = await readSignIn(access, answer).catch(async (error: unknown) => {
    await recordAccess(access, 'sign-in-refused', { method: 'passkey', address: from.address });
    throw error;
  });
  await assertMaySignIn(access, member, 'passkey', from);
  return openSession(access, member, 'passkey', from, before);
}

export async function assertMaySignIn(access: Access, member: Member, method: string, from: From): Promise<void> {
  if (maySignIn(member, access.now())) return;
  await recordAccess(access, 'sign-in-refused', { method, member: member.id, why: 'disabled or expired', address: from.address });
  throw new Problem('not-signed-in', { message: 'you may not sign in any more', hint: 'ask an administrator of this estate' });
}

/** One more passkey: after a fresh one, so that an open browser is not enough to stay in for ever. Somebody who has none yet has just signed in otherwise. */
export async function passkeyOptions(access: Access, caller: Caller): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const member = await ownMember(access, caller);
  const has = await access.store.passkeys.of(member.id);
  await assertMayAdd(access, caller, has);
  return askForNew(access, 'add-passkey', { name: member.name, handle: member.handle }, { member: member.id }, has);
}

export async function addPasskey(access: Access, caller: Caller, name: string, answer: RegistrationResponseJSON): Promise<StoredPasskey> {
  const member = await ownMember(access, caller);
  await assertMayAdd(access, caller, await access.store.passkeys.of(member.id));
  const { about, passkey } = await readNew(access, 'add-passkey', answer);
  if (about.member !== member.id)
    throw new Problem('not-permitted', { message: 'this passkey was asked of somebody else', hint: 'start again' });
  const made: StoredPasskey = { ...passkey, member: member.id, name };
  await access.store.transaction(async () => {
    if (!(await access.store.passkeys.create(made)))
      throw new Problem('conflict', { message: 'this passkey is in use here already', hint: 'use another one' });
    await recordAccess(access, 'passkey-added', { by: member.name, member: member.id, name });
  });
  return made;
}

export async function removePasskey(access: Access, caller: Caller, id: string): Promise<void> {
  const member = await ownMember(access, caller);
  assertFresh(caller, access.now());
  await access.store.transaction(async () => {
    const has = await access.store.passkeys.of(member.id);
    const passkey = has.find((each) => each.id === id);
    if (passkey === undefined)
      throw new Problem('not-found', { message: 'you have no such passkey', hint: 'the console lists yours under Settings' });
    if (has.length === 1 && member.subject === null)
      throw new Problem('conflict', { message: 'this is your only way in', hint: 'add another passkey first' });
    await access.store.passkeys.remove(id);
    await recordAccess(access, 'passkey-removed', { by: member.name, member: member.id, name: passkey.name });
  });
}

export async function ownMember(access: Access, caller: Caller): Promise<Member> {
  const member = caller.member === undefined ? undefined : await access.store.members.get(caller.member);
  if (member === undefined)
    throw new Problem('not-permitted', { message: `${caller.name} is not a member here`, hint: 'sign in at the console' });
  return member;
}

/** How long after a sign-in at the provider the first passkey may be added. */
const firstMs = 5 * 60_000;

async function assertMayAdd(access: Access, caller: Caller, has: readonly StoredPasskey[]): Promise<void> {
  if (has.length > 0 || caller.session === undefined) return assertFresh(caller, access.now());
  const session = await access.store.sessions.get(caller.session.id);
  if (session !== undefined && access.now().getTime() - session.createdAt.getTime() < firstMs) return;
  assertFresh(caller, access.now());
}
