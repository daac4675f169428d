// What sign-in needs of the store. Codes, sessions and tokens are found by their hash; nothing here can be turned back into one.
import type { Permission, Role } from './rights.ts';

export type { Permission, Role } from './rights.ts';

export type Member = {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly identity: string | null;
  readonly roles: readonly Role[];
  readonly disabledAt: Date | null;
  readonly expiresAt: Date | null;
  /** The WebAuthn user handle. */
  readonly handle: Uint8Array;
  readonly issuer: string | null;
  readonly subject: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly seenAt: Date | null;
};
export type MemberChange = {
  readonly roles?: readonly Role[];
  readonly disabledAt?: Date | null;
  readonly identity?: string | null;
  readonly expiresAt?: Date | null;
};
export type JoinCode = {
  readonly id: string;
  readonly hash: Uint8Array;
  readonly kind: 'bootstrap' | 'invitation';
  readonly name: string | null;
  readonly email: string | null;
  readonly identity: string | null;
  readonly roles: readonly Role[];
  /** The way back in of somebody who is a member already; null makes a new one. */
  readonly forMember: string | null;
  readonly createdBy: string;
  readonly expiresAt: Date;
};
export type StoredPasskey = {
  /** The credential id, base64url. */
  readonly id: string;
  readonly member: string;
  readonly name: string;
  /** COSE. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly backedUp: boolean;
  readonly createdAt: Date;
  readonly usedAt: Date | null;
};
/** What a challenge was given out for; an answer to one purpose is none to another. */
export type Purpose = 'sign-in' | 'bootstrap' | 'join' | 'add-passkey' | 'oidc';
export type About = { readonly [key: string]: string | null };
export type StoredSession = {
  readonly id: string;
  readonly member: string;
  readonly method: 'passkey' | 'oidc';
  readonly address: string | null;
  readonly agent: string | null;
  readonly passkeyAt: Date | null;
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly expiresAt: Date;
};
export type StoredToken = {
  readonly id: string;
  readonly member: string;
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  readonly revokedAt: Date | null;
};
/** `by`: whoever did it, in any case of letters. `since`: from then on. */
export type LogFilter = { readonly by?: string; readonly event?: string; readonly since?: Date };
export type Log = { readonly line: string; readonly cursor: string };

export interface AccessStore {
  /** All or nothing; a nested one joins. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Appends to log `estate`, with the transaction it is called in. */
  record(lines: readonly string[]): Promise<void>;
  /** Newest first; `before` is the cursor of the last one seen. */
  log(before: string | undefined, limit: number, filter?: LogFilter): Promise<readonly Log[]>;

  readonly members: {
    get(id: string): Promise<Member | undefined>;
    bySubject(issuer: string, subject: string): Promise<Member | undefined>;
    byEmail(email: string): Promise<Member | undefined>;
    /** By id, after this one. */
    page(after: string | undefined, limit: number): Promise<readonly (Member & { readonly passkeys: number })[]>;
    /** False when the name, e-mail, identity or subject is somebody's already. */
    create(member: Member): Promise<boolean>;
    /** Throws a conflict when the identity is somebody's already. */
    change(id: string, change: MemberChange): Promise<void>;
    /** Throws a conflict when the subject is somebody's already. */
    bind(id: string, issuer: string, subject: string): Promise<void>;
    seen(id: string, at: Date): Promise<void>;
    /** Ids of those who can sign in as administrators now. Locks them until the transaction ends. */
    administrators(now: Date): Promise<readonly string[]>;
  };
  readonly codes: {
    create(code: JoinCode): Promise<void>;
    /** Not used and not expired. */
    find(hash: Uint8Array, now: Date): Promise<JoinCode | undefined>;
    /** False when it was used, or has expired, meanwhile. */
    use(hash: Uint8Array, member: string, now: Date): Promise<boolean>;
    drop(kind: JoinCode['kind']): Promise<void>;
    /** Invitations that still let somebody in, newest first. */
    open(now: Date): Promise<readonly JoinCode[]>;
    /** What it was; undefined when there is none that lets anybody in. */
    revoke(id: string, now: Date): Promise<JoinCode | undefined>;
    /** All that would let this member back in. */
    revokeFor(member: string): Promise<void>;
  };
  readonly passkeys: {
    get(id: string): Promise<StoredPasskey | undefined>;
    of(member: string): Promise<readonly StoredPasskey[]>;
    /** False when the credential is somebody's already. */
    create(passkey: StoredPasskey): Promise<boolean>;
    /** False when the counter did not rise: the passkey was cloned, or the answer sent twice. */
    used(id: string, counter: number, at: Date): Promise<boolean>;
    remove(id: string): Promise<void>;
  };
  readonly challenges: {
    put(value: string, purpose: Purpose, about: About, expiresAt: Date): Promise<void>;
    /** Once: whoever asks second gets nothing. */
    take(value: string, purpose: Purpose, now: Date): Promise<About | undefined>;
  };
  readonly sessions: {
    create(session: StoredSession, hash: Uint8Array): Promise<void>;
    /** Open ones only, whatever their clocks say. */
    find(hash: Uint8Array): Promise<{ readonly session: StoredSession; readonly member: Member } | undefined>;
    get(id: string): Promise<StoredSession | undefined>;
    /** Open ones whose time is not over, newest first. */
    of(member: string, now: Date): Promise<readonly StoredSession[]>;
    seen(id: string, at: Date): Promise<void>;
    /** Ended ones stay ended: the first reason is kept. */
    end(id: string, why: string, at: Date): Promise<void>;
    endAll(member: string, why: string, at: Date): Promise<number>;
  };
  readonly tokens: {
    create(token: StoredToken, hash: Uint8Array): Promise<void>;
    find(hash: Uint8Array): Promise<{ readonly token: StoredToken; readonly member: Member } | undefined>;
    get(id: string): Promise<StoredToken | undefined>;
    /** Of one member, or of everybody; newest first. */
    list(member: string | undefined): Promise<readonly StoredToken[]>;
    used(id: string, at: Date): Promise<void>;
    /** False when it was revoked before. */
    revoke(id: string, by: string, at: Date): Promise<boolean>;
  };
}

/** Kept in the store, so that every process counts the same attempts. */
export type Attempts = (
  key: string,
  rule: { readonly limit: number; readonly windowMs: number },
) => Promise<{ ok: boolean; retryAfterMs: number }>;
