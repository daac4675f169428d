// The requests of RFC 6749 (tokens), 7009 (revocation) and 7662 (introspection): one call each, the answer uninterpreted.
import type { Io, Secret } from '../../kit/kit.ts';
import { call, type Reply, type Target } from '../http/call.ts';
import { type OauthClient, shown } from './client.ts';

export type Grant =
  | { readonly kind: 'password'; readonly user: string; readonly secret: Secret }
  | { readonly kind: 'client_credentials' }
  | { readonly kind: 'refresh_token'; readonly token: Secret };

export function requestToken(endpoint: Target, client: OauthClient, grant: Grant, scope: string | undefined, io: Io): Promise<Reply> {
  return post(endpoint, client, { grant_type: grant.kind, scope, ...credentials(grant) }, io);
}

function credentials(grant: Grant): Record<string, string> {
  switch (grant.kind) {
    case 'password':
      return { username: grant.user, password: grant.secret.text((text) => text) };
    case 'refresh_token':
      return { refresh_token: grant.token.text((text) => text) };
    case 'client_credentials':
      return {};
  }
}

export type TokenHint = 'refresh_token' | 'access_token';

/** The server answers 200 also for a token it never saw: that is no evidence of anything but the client's own login. */
export function revokeToken(endpoint: Target, client: OauthClient, token: string, hint: TokenHint, io: Io): Promise<Reply> {
  return post(endpoint, client, { token, token_type_hint: hint }, io);
}

export function introspect(endpoint: Target, client: OauthClient, token: string, hint: TokenHint, io: Io): Promise<Reply> {
  return post(endpoint, client, { token, token_type_hint: hint }, io);
}

function post(endpoint: Target, client: OauthClient, form: Readonly<Record<string, string | undefined>>, io: Io): Promise<Reply> {
  const who = shown(client);
  return call(endpoint, { method: 'POST', path: [], headers: who.headers, form: { ...form, ...who.form } }, io);
}
