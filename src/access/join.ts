// How somebody becomes a member: the first administrator by the code that `serve` prints, everybody else by an administrator's invitation. A code is good once.

import { randomBytes } from 'node:crypto';
import type { PublicKeyCredentialCreationOptionsJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { Problem } from '../domain/problem.ts';
import { type Access, countAttempt, type From, recordAccess } from './access.ts';
import type { Caller } from './caller.ts';
import { newMember } from './members.ts';
import { codeTyped, hashOf, newCode } from './opaque.ts';
import { askForNew, readNew } from './passkeys.ts';
import type { About, JoinCode, Member, StoredPasskey } from './port.ts';
import { maySignIn, type NewSession, openSession } from './sessions.ts';

/** The code waits in a terminal; a day later somebody else may sit there. */
const bootstrapMs = 24 * 3_600_000;
const firstKey = 'first passkey';
const newKey = 'new passkey';

/** A new code each time, the one before is void; null once there is an administrator. */
export async function bootstrapCode(access: Access): Promise<string | null> {
  return access.store.transaction(async () => {
    const now = access.now();
    if ((await access.store.members.administrators(now)).length > 0) return null;
    const code = newCode();
    await access.store.codes.drop('bootstrap');
    await access.store.codes.create({
      id: access.newId('I'),
      hash: hashOf(code),
      kind: 'bootstrap',
      name: null,
      email: null,
      identity: null,
      roles: ['administrator'],
      forMember: null,
      createdBy: 'serve',
      expiresAt: new Date(now.getTime() + bootstrapMs),
    });
    return code;
  });
}

export async function bootstrapOptions(
  access: Access,
  from: From,
  request: { readonly code: string; readonly name: string; readonly email: string | null },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const code = await openCode(access, from, 'bootstrap', request.code);
  return ask(access, 'bootstrap', code, request.name, request.email);
}

export async function joinOptions(access: Access, from: From, typed: string): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const code = await openCode(access, from, 'invitation', typed);
  if (code.forMember === null) return ask(access, 'join', code, code.name ?? '', code.email);
  const member = await backIn(access, code.forMember);
  return ask(access, 'join', code, member.name, member.email, { handle: member.handle, has: await access.store.passkeys.of(member.id) });
}

/** Whoever was shut out after the invitation stays out. */
async function backIn(access: Access, id: string): Promise<Member> {
  const member = await access.store.members.get(id);
  if (member === undefined || !maySignIn(member, access.now())) throw voidCode();
  return member;
}

function ask(
  access: Access,
  purpose: 'bootstrap' | 'join',
  code: JoinCode,
  name: string,
  email: string | null,
  { handle, has }: { readonly handle: Uint8Array; readonly has?: readonly StoredPasskey[] } = { handle: randomBytes(32) },
) {
  const about = { code: Buffer.from(code.hash).toString('base64url'), handle: Buffer.from(handle).toString('base64url'), name, email };
  return askForNew(access, purpose, { name, handle }, about, has);
}

/** Ends in a session: whoever has just made a passkey is signed in with it. */
export async function finishJoin(
  access: Access,
  from: From,
  purpose: 'bootstrap' | 'join',
  answer: RegistrationResponseJSON,
  before: Caller | null,
): Promise<NewSession> {
  const { about, passkey } = await readNew(access, purpose, answer);
  const hash = Buffer.from(about.code ?? '', 'base64url');
  const now = access.now();
  const member = await access.store.transaction(async (): Promise<Member> => {
    const code = await access.store.codes.find(hash, now);
    if (code === undefined) throw voidCode();
    if (purpose === 'bootstrap' && (await access.store.members.administrators(now)).length > 0) throw voidCode();
    const made = code.forMember === null ? await joined(access, purpose, code, about) : await backIn(access, code.forMember);
    if (!(await access.store.codes.use(hash, made.id, now))) throw voidCode();
    if (!(await access.store.passkeys.create({ ...passkey, member: made.id, name: code.forMember === null ? firstKey : newKey })))
      throw new Problem('conflict', { message: 'this passkey is in use here already', hint: 'sign in with it' });
    await recordAccess(access, purpose === 'bootstrap' ? 'bootstrap' : 'joined', {
      by: made.name,
      member: made.id,
      roles: made.roles,
      ...(code.forMember === null ? {} : { back: true }),
      invitedBy: code.createdBy,
      address: from.address,
    });
    return made;
  });
  return openSession(access, member, 'passkey', from, before);
}

function joined(access: Access, purpose: 'bootstrap' | 'join', code: JoinCode, about: About): Promise<Member> {
  const email = about.email ?? null;
  const handle = Buffer.from(about.handle ?? '', 'base64url');
  const identity = purpose === 'bootstrap' ? email : code.identity;
  return newMember(access, { name: about.name ?? '', email, identity, roles: code.roles, handle }, code.createdBy);
}

async function openCode(access: Access, from: From, kind: JoinCode['kind'], typed: string): Promise<JoinCode> {
  await countAttempt(access, 'code', from);
  const code = await access.store.codes.find(hashOf(codeTyped(typed)), access.now());
  const administrators = kind === 'bootstrap' ? await access.store.members.administrators(access.now()) : [];
  if (code?.kind === kind && administrators.length === 0) return code;
  await recordAccess(access, 'sign-in-refused', { method: `${kind} code`, address: from.address });
  throw voidCode();
}

function voidCode(): Problem {
  return new Problem('not-signed-in', {
    message: 'this code is not valid: it was used, has expired or never was one',
    hint: 'for the first administrator, `rekey serve` prints a new one; otherwise ask an administrator for an invitation',
  });
}
