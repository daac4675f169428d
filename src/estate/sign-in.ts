// What the estate file says about signing in: the address passkeys are bound to, and the OpenID provider people may come from.
import { z } from 'zod';
import { type Role, roles } from '../access/rights.ts';
import type { SecretRef } from '../kit/secret.ts';
import { isLoopback, secretRef } from '../kit/settings.ts';

export type OidcSpec = {
  readonly issuer: string;
  readonly clientId: string;
  /** Left out: a public client, which proves itself by PKCE alone. */
  readonly clientSecret?: SecretRef;
  /** What the button says. */
  readonly label: string;
  readonly scopes: readonly string[];
  /** Roles by the values of a claim. Left out: only members who are here already sign in, by their verified e-mail address. */
  readonly roles?: { readonly claim: string; readonly map: Readonly<Record<string, readonly Role[]>> };
};
export type SignInSpec = {
  readonly passkeys?: { readonly origin: string; readonly rpId: string };
  readonly oidc?: OidcSpec;
};

const line = (what: string) => z.string(what).trim().min(1, what).max(500, `${what} of at most 500 characters`);
const safe = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.hash !== '' || url.search !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
};
const https = 'an https address (http on this machine only)';
const origin = 'the address people type, such as https://rekey.example.test, without a path';

export const signInShape = z
  .strictObject(
    {
      passkeys: z
        .strictObject(
          {
            origin: z
              .string(origin)
              .refine((text) => safe(text) && new URL(text).pathname === '/', origin)
              .meta({
                description: 'Where people reach Rekey. Passkeys are bound to its host name: changing it makes all of them useless.',
              }),
            rpId: z
              .string('a host name')
              .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'a host name in lower case')
              .optional()
              .meta({
                description:
                  'The host name itself or a domain above it, so that passkeys outlive a change of the first. Left out: the host name.',
              }),
          },
          'a block with the address people type',
        )
        .refine(({ origin, rpId }) => rpId === undefined || !URL.canParse(origin) || under(new URL(origin).hostname, rpId), {
          path: ['rpId'],
          message: 'the host name of the origin, or a domain above it',
        })
        .optional(),
      oidc: z
        .strictObject(
          {
            issuer: z
              .string(https)
              .refine(safe, https)
              .meta({ description: 'As the provider names itself; its configuration is read from there.' }),
            clientId: line('a client id'),
            clientSecret: secretRef.optional().meta({ description: 'Where the client secret lives. Left out: a public client with PKCE.' }),
            label: line('a label').optional().meta({ description: 'What the button says.', default: 'Single sign-on' }),
            scopes: z
              .array(line('a scope'), 'a list of scopes')
              .optional()
              .meta({ description: 'Asked for beside openid.', default: ['profile', 'email'] }),
            roles: z
              .strictObject(
                {
                  claim: line('the name of a claim'),
                  map: z.record(z.string(), z.array(z.enum(roles), 'a list of roles'), 'a map from values of the claim to roles'),
                },
                'a block that maps a claim to roles',
              )
              .optional()
              .meta({
                description:
                  'Who has one of these values is let in, with the roles of all of them. Left out: only members who are here already.',
              }),
          },
          'a block with the OpenID provider',
        )
        .optional(),
    },
    'a block that says how people sign in',
  )
  .optional()
  .meta({ description: 'How people sign in to the console and the API. Left out: passkeys, at the address `rekey serve` listens on.' });

const under = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);

export function signInSpec(block: NonNullable<z.infer<typeof signInShape>>): SignInSpec {
  const { passkeys, oidc } = block;
  return {
    ...(passkeys === undefined
      ? {}
      : { passkeys: { origin: new URL(passkeys.origin).origin, rpId: passkeys.rpId ?? new URL(passkeys.origin).hostname } }),
    ...(oidc === undefined
      ? {}
      : {
          oidc: {
            issuer: oidc.issuer,
            clientId: oidc.clientId,
            ...(oidc.clientSecret === undefined ? {} : { clientSecret: oidc.clientSecret }),
            label: oidc.label ?? 'Single sign-on',
            scopes: oidc.scopes ?? ['profile', 'email'],
            ...(oidc.roles === undefined ? {} : { roles: oidc.roles }),
          },
        }),
  };
}
