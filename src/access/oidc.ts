// Sign-in at an OpenID provider: authorization code with PKCE, state and nonce, each good once, and back only in the browser that set out.
import * as client from 'openid-client';
import { Problem } from '../domain/problem.ts';
import { type Access, countAttempt, type From, recordAccess } from './access.ts';
import type { Caller } from './caller.ts';
import { newMember } from './members.ts';
import type { Member } from './port.ts';
import type { Role } from './rights.ts';
import { type NewSession, openSession } from './sessions.ts';
import { assertMaySignIn } from './sign-in.ts';

export type Provider = {
  readonly issuer: string;
  readonly clientId: string;
  readonly secret: () => Promise<string | undefined>;
  readonly scopes: readonly string[];
  readonly roles?: { readonly claim: string; readonly map: Readonly<Record<string, readonly Role[]>> };
};

/** Logging in there may take a second device. */
const awayMs = 10 * 60_000;
const answerSeconds = 10;
export const callbackPath = '/v1/sign-in/oidc/callback';

export class Oidc {
  readonly #provider: Provider;
  readonly #access: Access;
  #known: Promise<client.Configuration> | undefined;

  constructor(access: Access, provider: Provider) {
    this.#access = access;
    this.#provider = provider;
  }

  async start(from: From): Promise<{ readonly url: string; readonly state: string }> {
    await countAttempt(this.#access, 'sign-in', from);
    const config = await this.#configuration();
    const [verifier, nonce, state] = [client.randomPKCECodeVerifier(), client.randomNonce(), client.randomState()];
    const until = new Date(this.#access.now().getTime() + awayMs);
    await this.#access.store.challenges.put(state, 'oidc', { verifier, nonce }, until);
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: this.#callback(),
      scope: ['openid', ...this.#provider.scopes].join(' '),
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { url: url.href, state };
  }

  /** `state` is what the browser's cookie holds: an answer that somebody else's browser set out for is none. */
  async finish(from: From, query: string, state: string | undefined, before: Caller | null): Promise<NewSession> {
    const given = new URLSearchParams(query).get('state');
    const about =
      given === null || given !== state ? undefined : await this.#access.store.challenges.take(given, 'oidc', this.#access.now());
    if (given === null || about === undefined)
      throw new Problem('not-signed-in', {
        message: 'this sign-in was not begun here, was finished before, or took too long',
        hint: 'start again',
      });
    const claims = await this.#claims(query, given, about.verifier ?? '', about.nonce ?? '').catch(async (error: unknown) => {
      await recordAccess(this.#access, 'sign-in-refused', { method: 'oidc', address: from.address });
      throw error;
    });
    const member = await this.#memberOf(claims, from);
    await assertMaySignIn(this.#access, member, 'oidc', from);
    return openSession(this.#access, member, 'oidc', from, before);
  }

  async #claims(query: string, state: string, verifier: string, nonce: string): Promise<Claims> {
    const config = await this.#configuration();
    try {
      const tokens = await client.authorizationCodeGrant(config, new URL(`${this.#callback()}?${query}`), {
        pkceCodeVerifier: verifier,
        expectedNonce: nonce,
        expectedState: state,
        idTokenExpected: true,
      });
      const idToken = tokens.claims() ?? {};
      // Some providers tell e-mail and groups at the userinfo endpoint only.
      const { userinfo_endpoint: more } = config.serverMetadata();
      const sub = String((idToken as Claims).sub);
      return more === undefined ? (idToken as Claims) : { ...(await client.fetchUserInfo(config, tokens.access_token, sub)), ...idToken };
    } catch (error) {
      const said = (error as { code?: unknown }).code;
      throw new Problem('not-signed-in', {
        message: `the sign-in at the provider did not hold${typeof said === 'string' ? ` (${said})` : ''}`,
        hint: 'start again; if it stays so, an administrator compares clock, client id and redirect address with the provider’s',
      });
    }
  }

  /** Known by subject; else, where a verified e-mail address names a member who has never come from there, by that; else by the roles a claim gives. */
  async #memberOf(claims: Claims, from: From): Promise<Member> {
    const { store } = this.#access;
    const issuer = this.#provider.issuer;
    const subject = String(claims.sub);
    const roles = this.#rolesOf(claims);
    return store.transaction(async () => {
      const known = await store.members.bySubject(issuer, subject);
      if (known !== undefined) return this.#follow(known, roles);
      const email = claims.email_verified === true && typeof claims.email === 'string' ? claims.email : null;
      const named = email === null ? undefined : await store.members.byEmail(email);
      if (named !== undefined && named.subject === null) {
        await store.members.bind(named.id, issuer, subject);
        return this.#follow({ ...named, issuer, subject }, roles);
      }
      if (roles === undefined || roles.length === 0) throw await this.#stranger(from);
      const name = nameIn(claims) ?? email ?? subject.slice(0, 100);
      const made = await newMember(this.#access, { name, email, identity: email, roles, issuer, subject }, issuer);
      await recordAccess(this.#access, 'joined', { by: made.name, member: made.id, roles, invitedBy: issuer });
      return made;
    });
  }

  /** Where a claim gives the roles, it also takes them: at every sign-in the member holds what the provider says now. */
  async #follow(member: Member, roles: readonly Role[] | undefined): Promise<Member> {
    if (roles === undefined || [...roles].sort().join() === [...member.roles].sort().join()) return member;
    await this.#access.store.members.change(member.id, { roles });
    await recordAccess(this.#access, 'member-changed', {
      by: this.#provider.issuer,
      member: member.id,
      name: member.name,
      from: member.roles,
      roles,
    });
    return { ...member, roles };
  }

  async #stranger(from: From): Promise<Problem> {
    await recordAccess(this.#access, 'sign-in-refused', { method: 'oidc', why: 'not a member', address: from.address });
    return new Problem('not-signed-in', {
      message: 'the provider knows you, this estate does not',
      hint: 'ask an administrator: rekey member add NAME --email ADDRESS --roles ROLE',
    });
  }

  #rolesOf(claims: Claims): readonly Role[] | undefined {
    const { roles } = this.#provider;
    if (roles === undefined) return undefined;
    const held = claims[roles.claim];
    const values = (Array.isArray(held) ? held : [held]).filter((value) => typeof value === 'string');
    return [...new Set(values.flatMap((value) => (Object.hasOwn(roles.map, value) ? (roles.map[value] ?? []) : [])))];
  }

  #callback(): string {
    return `${this.#access.site().origin}${callbackPath}`;
  }

  /** Read once it answers; until then every try asks again. */
  async #configuration(): Promise<client.Configuration> {
    this.#known ??= this.#discover();
    try {
      return await this.#known;
    } catch (error) {
      this.#known = undefined;
      throw error;
    }
  }

  async #discover(): Promise<client.Configuration> {
    const { issuer, clientId, secret } = this.#provider;
    const url = new URL(issuer);
    const held = await secret();
    const auth = held === undefined ? client.None() : client.ClientSecretBasic(held);
    // The estate file takes plain http for this machine only.
    const execute = url.protocol === 'http:' ? [client.allowInsecureRequests] : [];
    try {
      return await client.discovery(url, clientId, undefined, auth, { execute, timeout: answerSeconds });
    } catch (error) {
      throw new Problem('target-unreachable', {
        message: `the OpenID provider's configuration cannot be read: ${error instanceof Error ? error.message : 'no answer'}`,
        place: issuer,
        hint: 'compare signIn.oidc.issuer in rekey.yaml with what the provider calls itself',
      });
    }
  }
}

type Claims = { readonly [name: string]: unknown };

/** As everywhere: no control characters, a hundred letters. */
function nameIn(claims: Claims): string | null {
  for (const value of [claims.name, claims.preferred_username]) {
    if (typeof value !== 'string') continue;
    const name = value
      .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
      .trim()
      .slice(0, 100);
    if (name !== '') return name;
  }
  return null;
}
