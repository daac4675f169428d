// How a client shows who it is at an OAuth endpoint (RFC 6749 section 2.3.1). Nothing of it is ever part of an address.
import type { Secret } from '../../kit/kit.ts';

export const clientAuthMethods = ['client_secret_basic', 'client_secret_post', 'none'] as const;
export type ClientAuthMethod = (typeof clientAuthMethods)[number];
export type OauthClient = { readonly id: string; readonly secret: Secret | undefined; readonly auth: ClientAuthMethod };

export type Shown = { readonly headers: Readonly<Record<string, string>>; readonly form: Readonly<Record<string, string>> };

/** In the header both parts are form-encoded before they are joined: a ":" in a secret stays a part of the secret. */
export function shown({ id, secret, auth }: OauthClient): Shown {
  if (secret === undefined || auth === 'none') return { headers: {}, form: { client_id: id } };
  if (auth === 'client_secret_post') return { headers: {}, form: { client_id: id, client_secret: secret.text((text) => text) } };
  const pair = secret.text((text) => Buffer.from(`${formEncoded(id)}:${formEncoded(text)}`).toString('base64'));
  return { headers: { authorization: `Basic ${pair}` }, form: {} };
}

export function formEncoded(text: string): string {
  return new URLSearchParams({ v: text }).toString().slice(2);
}
