// A real OpenID provider (oidc-provider) in this process: clients with registration addresses, refresh tokens, revocation, introspection,
// a password grant of its own.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** The package brings no types; this is what we call of it. */
type Model = { save(): Promise<string> };
type Context = {
  oidc: { params: Record<string, string>; client: { clientId: string } };
  body: unknown;
  status: number;
};
type Provider = {
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  registerGrantType(name: string, handler: (context: Context) => Promise<void>, parameters: string[]): void;
  readonly Client: { find(id: string): Promise<unknown>; readonly adapter: { upsert(id: string, metadata: object): Promise<void> } };
  readonly Grant: new (of: object) => Model & { addOIDCScope(scope: string): void };
  readonly RefreshToken: new (of: object) => Model;
  readonly RegistrationAccessToken: new (of: object) => Model;
};
const packageOf = async <T>(name: string): Promise<T> => ((await import(name)) as { default: T }).default;

export type OidcOptions = {
  readonly clients: readonly string[];
  /** Users of the password grant, all active. */
  readonly users?: readonly string[];
  /** The provider makes a new secret when a registration is written: what its policy hook is for. */
  readonly rotates?: boolean;
  /** It replaces the registration token at each write. */
  readonly replacesToken?: boolean;
};
export type LabOidc = {
  readonly issuer: string;
  readonly port: number;
  readonly secrets: Readonly<Record<string, string>>;
  readonly registrationTokens: Readonly<Record<string, string>>;
  readonly users: Map<string, { password: string; state: 'active' | 'disabled' }>;
  /** Request lines with what the client sent in the body. */
  readonly seen: string[];
  /** While set the token, revocation and registration endpoints answer 429 with this Retry-After. */
  throttled: number | undefined;
  registrationUrl(client: string): string;
  /** A refresh token as an application would hold it. */
  refreshToken(client: string): Promise<string>;
  /** Form-encoded call of an endpoint as a client, past the connector. */
  ask(
    path: string,
    client: string,
    secret: string,
    form: Record<string, string>,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
  stop(): Promise<void>;
};

/** Its store belongs to the process: give each provider clients of its own names. */
export async function startOidc(options: OidcOptions): Promise<LabOidc> {
  const Provider = await packageOf<new (issuer: string, settings: object) => Provider>('oidc-provider');
  const secrets: Record<string, string> = {};
  for (const id of options.clients) secrets[id] = randomBytes(32).toString('base64url');
  const users = new Map(
    (options.users ?? []).map((name) => [name, { password: `First-${randomBytes(9).toString('base64url')}`, state: 'active' as const }]),
  );
  const lab = { throttled: undefined as number | undefined };
  const seen: string[] = [];

  let handle: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    if (lab.throttled === undefined || request.url?.startsWith('/.well-known') === true) return handle(request, response);
    response.writeHead(429, { 'retry-after': String(lab.throttled) }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      registration: {
        enabled: true,
        initialAccessToken: true,
        policies: {
          'new-secret': (_: unknown, properties: Record<string, unknown>) => {
            properties.client_secret = randomBytes(32).toString('base64url');
          },
          keep: () => undefined,
        },
      },
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: options.replacesToken ?? false },
    },
    findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    ttl: { AccessToken: 600, ClientCredentials: 600, RefreshToken: 86_400, Grant: 86_400 },
    rotateRefreshToken: true,
  });
  // The password grant is left to servers to add: here as a provider that has it would answer.
  const grant = async (context: Context): Promise<void> => {
    const { username = '', password = '' } = context.oidc.params;
    const user = users.get(username);
    const right = user !== undefined && user.password === password;
    context.status = right && user.state === 'active' ? 200 : 400;
    context.body =
      context.status === 200
        ? { access_token: randomBytes(16).toString('base64url'), token_type: 'Bearer', expires_in: 600 }
        : { error: 'invalid_grant', error_description: right ? 'Account disabled' : 'Invalid user credentials' };
  };
  provider.registerGrantType('password', grant, ['username', 'password']);
  handle = provider.callback();

  // Clients of the configuration could not be managed: these are stored as if they had registered themselves.
  for (const id of options.clients)
    await provider.Client.adapter.upsert(id, {
      client_id: id,
      client_secret: secrets[id],
      client_secret_expires_at: 0,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['client_credentials', 'authorization_code', 'refresh_token', ...(users.size > 0 ? ['password'] : [])],
      redirect_uris: ['https://app.example.test/cb'],
      response_types: ['code'],
    });
  const registrationTokens: Record<string, string> = {};
  for (const id of options.clients) {
    const policies = [(options.rotates ?? true) ? 'new-secret' : 'keep'];
    registrationTokens[id] = await new provider.RegistrationAccessToken({ clientId: id, policies }).save();
  }
  return Object.assign(lab, {
    issuer,
    port,
    secrets,
    registrationTokens,
    users: users as LabOidc['users'],
    seen,
    registrationUrl: (client: string) => `${issuer}/reg/${client}`,
    refreshToken: async (client: string) => {
      const accountId = 'alice';
      const made = new provider.Grant({ accountId, clientId: client });
      made.addOIDCScope('openid offline_access');
      const grantId = await made.save();
      const now = Math.floor(Date.now() / 1000);
      return new provider.RefreshToken({
        accountId,
        client: await provider.Client.find(client),
        grantId,
        scope: 'openid offline_access',
        authTime: now,
        iiat: now,
        gty: 'authorization_code',
      }).save();
    },
    ask: async (path: string, client: string, secret: string, form: Record<string, string>) => {
      const authorization = `Basic ${Buffer.from(`${encodeURIComponent(client)}:${encodeURIComponent(secret)}`).toString('base64')}`;
      const response = await fetch(`${issuer}${path}`, { method: 'POST', headers: { authorization }, body: new URLSearchParams(form) });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
