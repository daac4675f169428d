// Sign-in and rights, wired for the doors: what the routes ask of src/access/, in the words the API uses.
import { randomBytes } from 'node:crypto';
import type { Access } from '../access/access.ts';
import { type Caller, notPermitted, permissionsOf, reachFor } from '../access/caller.ts';
import { type Invitation, invite, inviteBack, revokeInvitation } from '../access/invitations.ts';
import { bootstrapCode, bootstrapOptions, finishJoin, joinOptions } from '../access/join.ts';
import { addMember, changeMember, noMember } from '../access/members.ts';
import type { Oidc } from '../access/oidc.ts';
import type { AccessStore, Attempts, Member } from '../access/port.ts';
import { revokeSession } from '../access/revoke-session.ts';
import { endSession, freshUntil, type NewSession, sessionCaller } from '../access/sessions.ts';
import { addPasskey, ownMember, passkeyOptions, removePasskey, signInOptions, signInWithPasskey } from '../access/sign-in.ts';
import { makeToken, revokeToken, tokenCaller } from '../access/tokens.ts';
import { shortId } from '../domain/id.ts';
import { Problem } from '../domain/problem.ts';
import type { SignInSpec } from '../estate/sign-in.ts';
import type { AccessServices, SessionView } from '../http/access-services.ts';
import { auditView, invitationView, loginView, memberView, passkeyView, tokenView } from './access-views.ts';

export type AccessDeps = {
  readonly store: AccessStore;
  readonly estate: string;
  readonly demo: boolean;
  readonly signIn: SignInSpec;
  readonly clientSecret: () => Promise<string | undefined>;
  readonly attempts: Attempts;
  readonly now: () => Date;
};
export type AccessHouse = AccessServices & {
  /** Where the server is, once it listens; an address in the estate file stands. */
  servedAt(origin: string): void;
  readonly site: Access['site'];
  /** For the console of whoever started the server; null once there is an administrator. */
  bootstrapCode(): Promise<string | null>;
};

export function accessServices(deps: AccessDeps): AccessHouse {
  const { store, signIn, now } = deps;
  let site = signIn.passkeys;
  const access: Access = {
    store,
    estate: deps.estate,
    attempts: deps.attempts,
    now,
    newId: (prefix) => shortId(prefix, randomBytes(8)),
    site: () => {
      if (site !== undefined) return site;
      throw new Problem('usage', {
        message: 'nobody signs in here: this process serves no console',
        hint: 'start one with rekey serve, or set signIn.passkeys.origin in rekey.yaml',
      });
    },
  };
  const provider = signIn.oidc;
  let oidc: Promise<Oidc> | undefined;
  const withOidc = async (): Promise<Oidc> => {
    if (provider !== undefined) {
      // Its library is loaded by the first sign-in, not by every command.
      oidc ??= import('../access/oidc.ts').then(({ Oidc }) => new Oidc(access, { ...provider, secret: deps.clientSecret }));
      return oidc;
    }
    throw new Problem('not-found', { message: 'this estate has no OpenID provider', hint: 'signIn.oidc in rekey.yaml names one' });
  };
  const sessionView = async (caller: Caller | null): Promise<SessionView> => {
    const member = caller?.member === undefined ? undefined : await store.members.get(caller.member);
    return {
      signedIn: caller !== null,
      member: member === undefined ? null : { id: member.id, name: member.name, email: member.email, roles: member.roles },
      permissions: caller === null ? {} : permissionsOf(caller),
      csrf: caller?.session?.csrf ?? null,
      freshUntil: caller === null ? null : (freshUntil(caller)?.toISOString() ?? null),
      estate: deps.estate,
      demo: deps.demo,
      bootstrap: (await store.members.administrators(now())).length === 0,
      oidc: provider === undefined ? null : { label: provider.label },
    };
  };
  const signedIn = async (session: NewSession) => ({
    secret: session.secret,
    expiresAt: session.expiresAt,
    session: await sessionView(session.caller),
  });
  /** Whose: one's own; another's only for whoever manages members. */
  const whose = (caller: Caller, asked: string | undefined): string | undefined => {
    if (asked !== undefined && asked !== caller.member && reachFor(caller, 'member.manage') !== 'all')
      throw notPermitted(caller, 'member.manage');
    return asked ?? caller.member;
  };
  const viewOf = async (member: Member) => memberView({ ...member, passkeys: (await store.passkeys.of(member.id)).length });
  /** The address first: a link without one opens nothing, and its code would be spent on nobody. */
  const withLink = async (make: () => Promise<Invitation>) => {
    const { origin } = access.site();
    const { code, expiresAt } = await make();
    return { code, url: `${origin}/join#${code}`, expiresAt: expiresAt.toISOString() };
  };
  return {
    servedAt: (origin) => {
      site ??= { origin, rpId: new URL(origin).hostname };
    },
    site: access.site,
    bootstrapCode: () => bootstrapCode(access),
    origin: () => access.site().origin,
    sessionOf: (secret, how) => sessionCaller(access, secret, how),
    tokenOf: (secret, how) => tokenCaller(access, secret, how),
    session: sessionView,

    signInOptions: (from) => signInOptions(access, from),
    signIn: async (from, answer, before) => signedIn(await signInWithPasskey(access, from, answer, before)),
    bootstrapOptions: (from, request) => bootstrapOptions(access, from, request),
    joinOptions: (from, code) => joinOptions(access, from, code),
    join: async (from, kind, answer, before) => signedIn(await finishJoin(access, from, kind, answer, before)),
    oidcStart: async (from) => (await withOidc()).start(from),
    oidcFinish: async (from, query, state, before) => signedIn(await (await withOidc()).finish(from, query, state, before)),
    signOut: (caller) => endSession(access, caller),

    sessions: async (caller, asked) => {
      const member = whose(caller, asked);
      return member === undefined ? [] : (await store.sessions.of(member, now())).map((session) => loginView(session, caller));
    },
    revokeSession: (caller, id) => revokeSession(access, caller, id),
    members: async (_caller, { cursor, limit }) => {
      const rows = await store.members.page(cursor, limit + 1);
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      return { items: shown.map(memberView), ...(rows.length > limit && last !== undefined ? { cursor: last.id } : {}) };
    },
    addMember: async (caller, member) => viewOf(await addMember(access, caller, member)),
    changeMember: async (caller, id, change) => {
      await changeMember(access, caller, id, change);
      const member = await store.members.get(id);
      if (member === undefined) throw noMember(id);
      return viewOf(member);
    },
    invite: (caller, request) => withLink(() => invite(access, caller, request)),
    inviteBack: (caller, id, request) => withLink(() => inviteBack(access, caller, id, request)),
    invitations: async () => (await store.codes.open(now())).map(invitationView),
    revokeInvitation: (caller, id) => revokeInvitation(access, caller, id),
    tokens: async (caller, asked) => {
      const member = whose(caller, asked);
      return member === undefined && caller.via !== 'house' ? [] : (await store.tokens.list(member)).map(tokenView);
    },
    makeToken: async (caller, request) => {
      const { secret, token } = await makeToken(access, caller, request);
      return { ...tokenView(token), token: secret };
    },
    revokeToken: (caller, id) => revokeToken(access, caller, id),
    passkeys: async (caller) => (await store.passkeys.of((await ownMember(access, caller)).id)).map(passkeyView),
    passkeyOptions: (caller) => passkeyOptions(access, caller),
    addPasskey: async (caller, name, answer) => passkeyView(await addPasskey(access, caller, name, answer)),
    removePasskey: (caller, id) => removePasskey(access, caller, id),
    audit: async (_caller, { cursor, limit, since, ...filter }) => {
      const rows = await store.log(cursor, limit + 1, { ...filter, ...(since === undefined ? {} : { since: new Date(since) }) });
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      return { items: shown.map(auditView), ...(rows.length > limit && last !== undefined ? { cursor: last.cursor } : {}) };
    },
  };
}
