// What the estate file says about the clients of one OpenID provider, checked. A provider shows no list of them: they are named here.
import { z } from 'zod';
import { kinds } from '../../domain/account.ts';
import { secretRef } from '../../kit/settings.ts';
import { baseUrl, httpTls, insecure, plainUrls } from '../../protocols/http/settings.ts';
import { clientAuthMethods } from '../../protocols/oauth/client.ts';

const auth = z.enum(clientAuthMethods).exclude(['none']).default('client_secret_basic');

const client = z.strictObject({
  id: z.string().min(1).describe('client_id'),
  name: z.string().min(1).optional().describe('Left out: the client_id.'),
  kind: z.enum(kinds).default('application'),
  owner: z.string().min(1).optional(),
  privileged: z.boolean().default(false),
  auth,
  secret: secretRef
    .optional()
    .describe('Its secret, to end its tokens with. Not needed where the provider shows it at the registration address.'),
  registration: z
    .strictObject({
      url: baseUrl.describe('registration_client_uri (RFC 7592).'),
      token: secretRef.describe('registration_access_token.'),
    })
    .optional()
    .describe('Where the secret is replaced. Left out: it cannot be; only tokens are ended.'),
  tokens: secretRef
    .optional()
    .describe('Refresh tokens of this client that others may hold, one on each line: they are ended, and tried afterwards.'),
});
export type Client = z.output<typeof client>;

export const config = z
  .strictObject({
    issuer: baseUrl.describe('The issuer, exactly as in its tokens.'),
    tls: httpTls,
    insecure,
    clients: z.array(client).min(1),
    accessTokens: z
      .strictObject({
        form: z
          .enum(['jwt', 'opaque'])
          .default('jwt')
          .describe('jwt: services check them by themselves, nothing ends them early. opaque: every service asks the provider.'),
        seconds: z.number().int().min(1).default(3600).describe('Their longest life. No provider says it: read "exp" and "iat" of one.'),
      })
      .default({ form: 'jwt', seconds: 3600 }),
    lockout: z
      .number()
      .int()
      .min(0)
      .default(0)
      .describe('After how many wrong secrets the provider locks a client; 0 = it does not. No standard lets anybody read it.'),
    probe: z
      .enum(['revocation', 'client_credentials'])
      .default('revocation')
      .describe('Where a client shows its secret: the revocation endpoint needs no grant and gives nothing out.'),
  })
  .check((context) => {
    const { issuer, clients, insecure: allowed } = context.value;
    const urls = clients.flatMap(({ registration }, n) =>
      registration === undefined ? [] : [{ path: ['clients', n, 'registration', 'url'], url: registration.url }],
    );
    context.issues.push(...plainUrls([{ path: ['issuer'], url: issuer }, ...urls], allowed));
    const twice = clients.find(({ id }, n) => clients.findIndex((other) => other.id === id) !== n);
    if (twice !== undefined)
      context.issues.push({ code: 'custom', message: `the client ${twice.id} is named twice`, path: ['clients'], input: clients });
  });
export type Config = z.output<typeof config>;
