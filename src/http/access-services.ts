// What the doors need of sign-in: who somebody is, how they become and stay it, and what was done about it. Every method may throw a Problem.
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { AccessEvent } from '../access/access.ts';
import type { Caller } from '../access/caller.ts';
import type { Permission, Reach, Role } from '../access/rights.ts';
import type { Paged } from '../domain/view.ts';
import type { Page } from './services.ts';

/** Where a request came from, for the record. */
export type From = { readonly address: string | null; readonly agent: string | null };

export type SessionView = {
  readonly signedIn: boolean;
  readonly member: { readonly id: string; readonly name: string; readonly email: string | null; readonly roles: readonly Role[] } | null;
  readonly permissions: Partial<Record<Permission, Reach>>;
  readonly csrf: string | null;
  /** Until when acts that ask for a fresh passkey go through. */
  readonly freshUntil: string | null;
  readonly estate: string;
  readonly demo: boolean;
  /** There is no administrator yet: the code that `rekey serve` prints makes the first one. */
  readonly bootstrap: boolean;
  readonly oidc: { readonly label: string } | null;
};
/** `secret` goes into the cookie and nowhere else. */
export type SignedIn = { readonly secret: string; readonly expiresAt: Date; readonly session: SessionView };

export type MemberView = {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly identity: string | null;
  readonly roles: readonly Role[];
  readonly disabled: boolean;
  readonly expiresAt: string | null;
  readonly passkeys: number;
  readonly oidc: boolean;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly seenAt: string | null;
};
export type NewMember = {
  readonly name: string;
  readonly email: string | null;
  readonly identity: string | null;
  readonly roles: readonly Role[];
};
/** Never its code. `member`: it lets that one back in. */
export type InvitationView = {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly Role[];
  readonly member: string | null;
  readonly createdBy: string;
  readonly expiresAt: string;
};
export type MemberChange = {
  readonly roles?: readonly Role[];
  readonly disabled?: boolean;
  readonly identity?: string | null;
  readonly expiresAt?: string | null;
};
export type LoginView = {
  readonly id: string;
  readonly member: string;
  readonly method: 'passkey' | 'oidc';
  readonly address: string | null;
  readonly agent: string | null;
  readonly createdAt: string;
  readonly seenAt: string;
  readonly expiresAt: string;
  readonly current: boolean;
};
export type TokenView = {
  readonly id: string;
  readonly member: string;
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly usedAt: string | null;
  readonly revokedAt: string | null;
};
export type TokenRequest = {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly expiresInDays: number;
  readonly member?: string;
};
export type PasskeyView = {
  readonly id: string;
  readonly name: string;
  readonly backedUp: boolean;
  readonly createdAt: string;
  readonly usedAt: string | null;
};
export type AuditView = {
  readonly at: string;
  readonly event: string;
  readonly by: string | null;
  readonly member: string | null;
  readonly address: string | null;
  /** The whole entry as it stands in the evidence log. */
  readonly line: string;
};

export type AuditFilter = { readonly by?: string; readonly event?: AccessEvent; readonly since?: string };

export interface AccessServices {
  /** The address people reach Rekey at; throws where none is known. */
  origin(): string;
  /** `stays` is no use of it: see http/authorise.ts. */
  sessionOf(secret: string, how?: 'asks' | 'stays'): Promise<Caller | null>;
  tokenOf(secret: string, how?: 'asks' | 'stays'): Promise<Caller | null>;
  session(caller: Caller | null): Promise<SessionView>;

  signInOptions(from: From): Promise<PublicKeyCredentialRequestOptionsJSON>;
  signIn(from: From, answer: AuthenticationResponseJSON, before: Caller | null): Promise<SignedIn>;
  bootstrapOptions(
    from: From,
    request: { readonly code: string; readonly name: string; readonly email: string | null },
  ): Promise<PublicKeyCredentialCreationOptionsJSON>;
  joinOptions(from: From, code: string): Promise<PublicKeyCredentialCreationOptionsJSON>;
  join(from: From, kind: 'bootstrap' | 'join', answer: RegistrationResponseJSON, before: Caller | null): Promise<SignedIn>;
  /** Where the browser goes to sign in, and what its cookie must hold when it comes back. */
  oidcStart(from: From): Promise<{ readonly url: string; readonly state: string }>;
  oidcFinish(from: From, query: string, state: string | undefined, before: Caller | null): Promise<SignedIn>;
  signOut(caller: Caller): Promise<void>;

  sessions(caller: Caller, member?: string): Promise<readonly LoginView[]>;
  revokeSession(caller: Caller, id: string): Promise<void>;
  members(caller: Caller, page: Page): Promise<Paged<MemberView>>;
  addMember(caller: Caller, member: NewMember): Promise<MemberView>;
  changeMember(caller: Caller, id: string, change: MemberChange): Promise<MemberView>;
  invite(
    caller: Caller,
    request: NewMember & { readonly expiresInHours?: number },
  ): Promise<{ readonly code: string; readonly url: string; readonly expiresAt: string }>;
  invitations(caller: Caller): Promise<readonly InvitationView[]>;
  revokeInvitation(caller: Caller, id: string): Promise<void>;
  /** For a member who lost the passkey; their sessions end at once. */
  inviteBack(
    caller: Caller,
    id: string,
    request: { readonly keepPasskeys: boolean; readonly expiresInHours?: number },
  ): Promise<{ readonly code: string; readonly url: string; readonly expiresAt: string }>;
  tokens(caller: Caller, member?: string): Promise<readonly TokenView[]>;
  makeToken(caller: Caller, request: TokenRequest): Promise<TokenView & { readonly token: string }>;
  revokeToken(caller: Caller, id: string): Promise<void>;
  passkeys(caller: Caller): Promise<readonly PasskeyView[]>;
  passkeyOptions(caller: Caller): Promise<PublicKeyCredentialCreationOptionsJSON>;
  addPasskey(caller: Caller, name: string, answer: RegistrationResponseJSON): Promise<PasskeyView>;
  removePasskey(caller: Caller, id: string): Promise<void>;
  audit(caller: Caller, query: Page & AuditFilter): Promise<Paged<AuditView>>;
}
