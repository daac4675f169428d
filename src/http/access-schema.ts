// Members, sessions, tokens, passkeys and the record of access on the wire. A code or a token stands in one reply, the one that made it.
import { z } from 'zod';
import { permissions, roles } from '../access/rights.ts';
import type { AuditView, InvitationView, LoginView, MemberView, PasskeyView, SessionView, TokenView } from './access-services.ts';

/** No control character, line break or invisible mark: names stand in logs, headers, mails and terminals. */
export const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, 'expected a name without control characters');
export const emailSchema = z.email().max(320);
export const identitySchema = nameSchema
  .max(300)
  .describe('As the inventory names owners and identities; the e-mail address when left out.');
export const rolesSchema = z.array(z.enum(roles)).max(roles.length);
const reach = z.enum(['all', 'own']);

export const sessionSchema = z
  .object({
    signedIn: z.boolean(),
    member: z.object({ id: z.string(), name: z.string(), email: z.string().nullable(), roles: z.array(z.enum(roles)) }).nullable(),
    permissions: z.partialRecord(z.enum(permissions), reach),
    csrf: z.string().nullable().describe('To be sent as x-rekey-csrf with everything that changes something.'),
    freshUntil: z.string().nullable(),
    estate: z.string(),
    demo: z.boolean(),
    version: z.string(),
    bootstrap: z.boolean(),
    oidc: z.object({ label: z.string() }).nullable(),
  })
  .meta({ id: 'Session' }) satisfies z.ZodType<SessionView & { version: string }>;

export const memberSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    identity: z.string().nullable(),
    roles: z.array(z.enum(roles)),
    disabled: z.boolean(),
    expiresAt: z.string().nullable(),
    passkeys: z.number().int(),
    oidc: z.boolean(),
    createdBy: z.string(),
    createdAt: z.string(),
    seenAt: z.string().nullable(),
  })
  .meta({ id: 'Member' }) satisfies z.ZodType<MemberView>;

export const openInvitationSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    roles: z.array(z.enum(roles)),
    member: z.string().nullable().describe('The member it lets back in; null: it makes a new one.'),
    createdBy: z.string(),
    expiresAt: z.string(),
  })
  .meta({ id: 'OpenInvitation' }) satisfies z.ZodType<InvitationView>;

export const loginSchema = z
  .object({
    id: z.string(),
    member: z.string(),
    method: z.enum(['passkey', 'oidc']),
    address: z.string().nullable(),
    agent: z.string().nullable(),
    createdAt: z.string(),
    seenAt: z.string(),
    expiresAt: z.string(),
    current: z.boolean(),
  })
  .meta({ id: 'Login' }) satisfies z.ZodType<LoginView>;

const token = {
  id: z.string(),
  member: z.string(),
  name: z.string(),
  permissions: z.array(z.enum(permissions)),
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  usedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
};
export const tokenSchema = z.object(token).meta({ id: 'Token' }) satisfies z.ZodType<TokenView>;
export const newTokenSchema = z.object({ ...token, token: z.string() }).meta({ id: 'NewToken' });

export const passkeySchema = z
  .object({ id: z.string(), name: z.string(), backedUp: z.boolean(), createdAt: z.string(), usedAt: z.string().nullable() })
  .meta({ id: 'Passkey' }) satisfies z.ZodType<PasskeyView>;

export const auditSchema = z
  .object({
    at: z.string(),
    event: z.string(),
    by: z.string().nullable(),
    member: z.string().nullable(),
    address: z.string().nullable(),
    line: z.string(),
  })
  .meta({ id: 'AccessEntry' }) satisfies z.ZodType<AuditView>;
