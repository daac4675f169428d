// API tokens: shown once, kept as a hash, narrowed to permissions their member holds, always with an end. What the member loses, they lose.
import { Problem } from '../domain/problem.ts';
import { type Access, recordAccess } from './access.ts';
import { type Caller, reachFor } from './caller.ts';
import { noMember } from './members.ts';
import { hashOf, looksLikeToken, newToken } from './opaque.ts';
import type { StoredToken } from './port.ts';
import { type Permission, reachOf } from './rights.ts';
import { assertFresh, maySignIn } from './sessions.ts';

const touchMs = 60_000;

export type TokenRequest = {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly expiresInDays: number;
  /** Left out: the caller's own. */
  readonly member?: string;
};

export async function makeToken(
  access: Access,
  caller: Caller,
  request: TokenRequest,
): Promise<{ readonly secret: string; readonly token: StoredToken }> {
  const at = access.now();
  assertFresh(caller, at);
  const id = request.member ?? caller.member;
  // Whoever makes a token for somebody else acts as that person afterwards: the custodian holds everything anyway.
  if (id !== caller.member && caller.via !== 'house')
    throw new Problem('not-permitted', {
      message: 'a token is made by whom it stands for',
      hint: 'on the server: rekey token new NAME --member ID --may PERMISSION',
    });
  if (id === undefined)
    throw new Problem('usage', {
      message: 'whose token? Whoever works on the server itself is no member',
      hint: 'rekey token new NAME --member ID --may PERMISSION',
    });
  const member = await access.store.members.get(id);
  if (member === undefined) throw noMember(id);
  const beyond = request.permissions.filter((permission) => reachOf(member.roles, permission) === undefined);
  if (beyond.length > 0)
    throw new Problem('not-permitted', {
      message: `${member.name} does not hold ${beyond.join(', ')}`,
      hint: 'a token reaches no further than its member',
    });
  const secret = newToken();
  const token: StoredToken = {
    id: access.newId('T'),
    member: member.id,
    name: request.name,
    permissions: request.permissions,
    createdBy: caller.name,
    createdAt: at,
    expiresAt: new Date(at.getTime() + request.expiresInDays * 86_400_000),
    usedAt: null,
    revokedAt: null,
  };
  await access.store.transaction(async () => {
    await access.store.tokens.create(token, hashOf(secret));
    await recordAccess(access, 'token-made', {
      by: caller.name,
      member: member.id,
      token: token.id,
      name: token.name,
      permissions: token.permissions,
      expiresAt: token.expiresAt.toISOString(),
    });
  });
  return { secret, token };
}

/** Null: never one of ours, revoked, expired, or its member may sign in no more. */
export async function tokenCaller(access: Access, secret: string, how: 'asks' | 'stays' = 'asks'): Promise<Caller | null> {
  if (!looksLikeToken(secret)) return null;
  const found = await access.store.tokens.find(hashOf(secret));
  if (found === undefined) return null;
  const { token, member } = found;
  const at = access.now();
  if (token.revokedAt !== null || token.expiresAt <= at || !maySignIn(member, at)) return null;
  const used = token.usedAt === null || at.getTime() - token.usedAt.getTime() >= touchMs;
  if (how === 'asks' && used) await access.store.tokens.used(token.id, at);
  return {
    name: member.name,
    custodian: false,
    identity: member.identity,
    roles: member.roles,
    via: 'token',
    member: member.id,
    scope: token.permissions,
  };
}

export async function revokeToken(access: Access, caller: Caller, id: string): Promise<void> {
  const token = await access.store.tokens.get(id);
  const theirs = token !== undefined && token.member === caller.member;
  if (token === undefined || !(theirs || reachFor(caller, 'member.manage') === 'all'))
    throw new Problem('not-found', { message: `there is no token ${id}`, hint: 'rekey token ls' });
  await access.store.transaction(async () => {
    if (!(await access.store.tokens.revoke(id, caller.name, access.now()))) return;
    await recordAccess(access, 'token-revoked', { by: caller.name, member: token.member, token: id, name: token.name });
  });
}
