// What the estate file says about one token endpoint, checked.
import { z } from 'zod';
import { secretRef, userTemplate } from '../../kit/settings.ts';
import { baseUrl, httpTls, insecure, plainUrls } from '../../protocols/http/settings.ts';
import { clientAuthMethods } from '../../protocols/oauth/client.ts';

const auth = z.enum(clientAuthMethods);

export const config = z
  .strictObject({
    tokenUrl: baseUrl.describe('The token endpoint.'),
    replicas: z.array(baseUrl).default([]).describe('The same endpoint on every other node that answers by itself: each is proved.'),
    tls: httpTls,
    insecure,
    grant: z
      .enum(['password', 'client_credentials'])
      .default('password')
      .describe('password: the accounts are users. client_credentials: the accounts are clients, and their secret is the client secret.'),
    client: z
      .strictObject({
        id: z.string().min(1),
        secret: secretRef.optional().describe('Left out: a public client.'),
        auth: auth.default('client_secret_basic'),
      })
      .optional()
      .describe(
        'The client that asks for tokens with the password of a user. Give Rekey one of its own, with this grant and nothing else.',
      ),
    auth: auth.exclude(['none']).default('client_secret_basic').describe('How the accounts show their secret, where they are clients.'),
    scope: z.string().min(1).optional().describe('Left out: none is asked for. "openid" is what most providers need for users.'),
    user: userTemplate,
    revocationUrl: baseUrl
      .optional()
      .describe('Tokens a probe was given are handed back here (RFC 7009). Left out: they live until they expire.'),
  })
  .check((context) => {
    const { tokenUrl, replicas, revocationUrl, grant, client, insecure: allowed } = context.value;
    const urls = [
      { path: ['tokenUrl'], url: tokenUrl },
      ...replicas.map((url, n) => ({ path: ['replicas', n], url })),
      ...(revocationUrl === undefined ? [] : [{ path: ['revocationUrl'], url: revocationUrl }]),
    ];
    context.issues.push(...plainUrls(urls, allowed));
    if (grant === 'password' && client === undefined)
      context.issues.push({ code: 'custom', message: 'the password grant needs a client that asks', path: ['client'], input: client });
  });
export type Config = z.output<typeof config>;
