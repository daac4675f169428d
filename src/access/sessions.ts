// A session is an opaque secret in one browser: new at every sign-in, ended by idling, by age, by its owner or by an administrator.
import { Problem } from '../domain/problem.ts';
import { type Access, type From, recordAccess } from './access.ts';
import type { Caller } from './caller.ts';
import { csrfOf, hashOf, newSessionSecret } from './opaque.ts';
import type { Member, StoredSession } from './port.ts';

/** An hour away from the desk; a working day and the night shift's hand-over. */
const idleMs = 60 * 60_000;
const longestMs = 12 * 60 * 60_000;
/** One write a minute for each open console is enough to tell idle from busy. */
const touchMs = 60_000;
/** For acts that a stolen open browser must not do. */
const freshMs = 5 * 60_000;

export type NewSession = { readonly secret: string; readonly expiresAt: Date; readonly caller: Caller };

/** Ends the session the browser had: what somebody planted there before is worth nothing after. */
export async function openSession(
  access: Access,
  member: Member,
  method: StoredSession['method'],
  from: From,
  before: Caller | null,
): Promise<NewSession> {
  const secret = newSessionSecret();
  const at = access.now();
  const session: StoredSession = {
    id: access.newId('L'),
    member: member.id,
    method,
    address: from.address,
    agent: from.agent?.slice(0, 300) ?? null,
    passkeyAt: method === 'passkey' ? at : null,
    createdAt: at,
    seenAt: at,
    expiresAt: new Date(at.getTime() + longestMs),
  };
  await access.store.transaction(async () => {
    if (before?.session !== undefined) await access.store.sessions.end(before.session.id, 'signed in again', at);
    await access.store.sessions.create(session, hashOf(secret));
    await access.store.members.seen(member.id, at);
    await recordAccess(access, 'sign-in', { by: member.name, member: member.id, method, session: session.id, address: from.address });
  });
  return { secret, expiresAt: session.expiresAt, caller: callerOf(member, session, secret) };
}

/** Null: unknown, ended, idle for too long, too old, or its member may sign in no more. A stream that stays open does not keep its session from idling. */
export async function sessionCaller(access: Access, secret: string, how: 'asks' | 'stays' = 'asks'): Promise<Caller | null> {
  const found = await access.store.sessions.find(hashOf(secret));
  if (found === undefined) return null;
  const { session, member } = found;
  const at = access.now();
  const idle = at.getTime() - session.seenAt.getTime();
  if (session.expiresAt <= at || idle >= idleMs || !maySignIn(member, at)) {
    await access.store.sessions.end(session.id, maySignIn(member, at) ? 'expired' : 'member disabled', at);
    return null;
  }
  if (how === 'asks' && idle >= touchMs) await access.store.sessions.seen(session.id, at);
  return callerOf(member, session, secret);
}

export function maySignIn(member: Member, at: Date): boolean {
  return member.disabledAt === null && (member.expiresAt === null || member.expiresAt > at);
}

function callerOf(member: Member, session: StoredSession, secret: string): Caller {
  return {
    name: member.name,
    custodian: false,
    identity: member.identity,
    roles: member.roles,
    via: 'session',
    member: member.id,
    session: { id: session.id, csrf: csrfOf(secret), passkeyAt: session.passkeyAt },
  };
}

export function freshUntil(caller: Caller): Date | null {
  const at = caller.session?.passkeyAt;
  return at === null || at === undefined ? null : new Date(at.getTime() + freshMs);
}

/** A passkey was shown in this session within five minutes. The house needs none: it holds the keyring. */
export function assertFresh(caller: Caller, now: Date): void {
  if (caller.via === 'house') return;
  const until = freshUntil(caller);
  if (until !== null && until > now) return;
  throw new Problem('passkey-needed', {
    message: 'show your passkey again: this needs one that was used within 5 minutes',
    hint: caller.via === 'session' ? 'sign in again with the passkey, then repeat this' : 'do this in the console: a token cannot',
  });
}

export async function endSession(access: Access, caller: Caller): Promise<void> {
  const { session } = caller;
  if (session === undefined)
    throw new Problem('usage', { message: 'there is no session to end', hint: 'revoke a token: rekey token revoke ID' });
  await access.store.transaction(async () => {
    await access.store.sessions.end(session.id, 'signed out', access.now());
    await recordAccess(access, 'sign-out', { by: caller.name, session: session.id });
  });
}
