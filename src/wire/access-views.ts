// Members, sessions, tokens, passkeys and entries of the record as the API shows them: never a hash, a key or a handle.
import type { Caller } from '../access/caller.ts';
import type { JoinCode, Log, Member, StoredPasskey, StoredSession, StoredToken } from '../access/port.ts';
import type { AuditView, InvitationView, LoginView, MemberView, PasskeyView, TokenView } from '../http/access-services.ts';

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

export function memberView(m: Member & { readonly passkeys: number }): MemberView {
  return {
    id: m.id,
    name: m.name,
    email: m.email,
    identity: m.identity,
    roles: m.roles,
    disabled: m.disabledAt !== null,
    expiresAt: iso(m.expiresAt),
    passkeys: m.passkeys,
    oidc: m.subject !== null,
    createdBy: m.createdBy,
    createdAt: m.createdAt.toISOString(),
    seenAt: iso(m.seenAt),
  };
}

export function invitationView(code: JoinCode): InvitationView {
  const { id, name, email, roles, forMember, createdBy, expiresAt } = code;
  return { id, name: name ?? '', email, roles, member: forMember, createdBy, expiresAt: expiresAt.toISOString() };
}

export function loginView(s: StoredSession, caller: Caller): LoginView {
  return {
    id: s.id,
    member: s.member,
    method: s.method,
    address: s.address,
    agent: s.agent,
    createdAt: s.createdAt.toISOString(),
    seenAt: s.seenAt.toISOString(),
    expiresAt: s.expiresAt.toISOString(),
    current: s.id === caller.session?.id,
  };
}

export function tokenView(t: StoredToken): TokenView {
  return {
    id: t.id,
    member: t.member,
    name: t.name,
    permissions: t.permissions,
    createdBy: t.createdBy,
    createdAt: t.createdAt.toISOString(),
    expiresAt: t.expiresAt.toISOString(),
    usedAt: iso(t.usedAt),
    revokedAt: iso(t.revokedAt),
  };
}

export function passkeyView(p: StoredPasskey): PasskeyView {
  return { id: p.id, name: p.name, backedUp: p.backedUp, createdAt: p.createdAt.toISOString(), usedAt: iso(p.usedAt) };
}

export function auditView({ line }: Log): AuditView {
  const entry = JSON.parse(line) as { at: string; event: string; by?: string; member?: string; address?: string | null }; // entryLine made it
  return { at: entry.at, event: entry.event, by: entry.by ?? null, member: entry.member ?? null, address: entry.address ?? null, line };
}
