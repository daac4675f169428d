// A SCIM 2.0 service (scimmy) with users, a bearer token, a rule for passwords, and the login of the application it stands for.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import SCIMMY from 'scimmy';

/** Neither package brings types that fit its ES module; this is what we call of them. */
type Handler = (request: IncomingMessage & { body?: unknown }, response: ServerResponse, next: () => void) => void;
type Express = { (): Application; json(): Handler };
type Application = Handler & { use(...of: unknown[]): void; post(path: string, ...handlers: Handler[]): void };
const packageOf = async <T>(name: string): Promise<T> => ((await import(name)) as { default: T }).default;

export type ScimUser = {
  id: string;
  userName: string;
  active: boolean;
  userType?: string;
  password: string;
  roles?: { value: string }[];
};
export type ScimOptions = {
  readonly users: readonly string[];
  /** What ServiceProviderConfig says. */
  readonly changePassword?: boolean;
  /** Values shorter than this are refused as invalidValue. */
  readonly minLength?: number;
};
export type LabScim = {
  readonly url: string;
  readonly loginUrl: string;
  readonly port: number;
  readonly token: string;
  readonly users: ReadonlyMap<string, ScimUser>;
  /** First password of each user. */
  readonly first: Readonly<Record<string, string>>;
  /** Each request line with its body, as the server got it. */
  readonly seen: string[];
  minLength: number;
  /** Without it startIndex and count are ignored: every page is the whole list. */
  paging: boolean;
  /** While set every call of the SCIM service is answered with 429 and this Retry-After. */
  throttled: number | undefined;
  /** While set passwords are taken with 200 and forgotten: JSON copies of what scimmy hands over lose them. */
  ignoring: boolean;
  logsIn(userName: string, password: string): Promise<'in' | 'wrong' | 'deactivated'>;
  stop(): Promise<void>;
};

/** scimmy keeps its handlers in static places: one service at a time in a process. */
export async function startScim(options: ScimOptions): Promise<LabScim> {
  const express = await packageOf<Express>('express');
  const Routers = await packageOf<new (settings: object) => Handler>('scimmy-routers');
  const token = randomBytes(18).toString('base64url');
  const users = new Map<string, ScimUser>();
  const first: Record<string, string> = {};
  options.users.forEach((userName, n) => {
    const password = `First-${randomBytes(9).toString('base64url')}`;
    const id = `id-${String(n).padStart(4, '0')}`;
    users.set(id, { id, userName, active: true, password, userType: n % 2 === 0 ? 'Employee' : 'Service' });
    first[userName] = password;
  });
  const lab = { minLength: options.minLength ?? 12, paging: true, throttled: undefined as number | undefined, ignoring: false };

  SCIMMY.Config.set({ changePassword: options.changePassword ?? true, patch: true, sort: false, filter: true });
  const ingress = (resource: { id?: string }, data: object): object => {
    const user = users.get(resource.id ?? '');
    if (user === undefined) throw new SCIMMY.Types.Error(404, null as never, `Resource ${resource.id} not found`);
    // Not enumerable: it is there when asked for by name, and in no copy.
    const { password, active } = data as { password?: string; active?: boolean };
    if (password !== undefined && !lab.ignoring) {
      if (password.length < lab.minLength) throw new SCIMMY.Types.Error(400, 'invalidValue', `password "${password}" is too short`);
      user.password = password;
    }
    if (active !== undefined) user.active = active;
    return shown(user);
  };
  const egress = (resource: { id?: string }): object => {
    if (resource.id === undefined) return [...users.values()].map(shown);
    const user = users.get(resource.id);
    if (user === undefined) throw new SCIMMY.Types.Error(404, null as never, `Resource ${resource.id} not found`);
    return shown(user);
  };
  SCIMMY.Resources.declare(SCIMMY.Resources.User)
    .ingress(ingress as never)
    .egress(egress as never)
    .degress((() => undefined) as never);

  const seen: string[] = [];
  const app = express();
  app.use('/scim/v2', ((request, response, next) => {
    // The routers turn numbers of the query into numbers in place; Express 5 parses the query anew at each look, and paging would be
    // ignored.
    if (lab.paging) {
      const query = Object.fromEntries(new URL(request.url ?? '/', 'http://lab').searchParams);
      Object.defineProperty(request, 'query', { value: query, writable: true });
    }
    if (lab.throttled === undefined) return next();
    response.writeHead(429, { 'retry-after': String(lab.throttled) }).end();
  }) satisfies Handler);
  app.post('/login', express.json(), (request, response) => {
    const { userName, password } = request.body as { userName: string; password: string };
    const user = [...users.values()].find((each) => each.userName === userName);
    const right = user !== undefined && equal(user.password, password);
    const [status, error] = !right ? [401, 'invalid_credentials'] : user.active ? [200, undefined] : [403, 'deactivated'];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(error === undefined ? { ok: true } : { error }));
  });
  const handler = (request: IncomingMessage): string => {
    if (request.headers.authorization !== `Bearer ${token}`) throw new Error('token not accepted');
    return 'rekey';
  };
  app.use('/scim/v2', new Routers({ type: 'bearer', docUri: 'https://example.test', handler }));

  const server: Server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    app(request, response, () => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const loginUrl = `http://127.0.0.1:${port}/login`;
  return Object.assign(lab, {
    url: `http://127.0.0.1:${port}/scim/v2`,
    loginUrl,
    port,
    token,
    users,
    first,
    seen,
    logsIn: async (userName: string, password: string) => {
      const headers = { 'content-type': 'application/json' };
      const { status } = await fetch(loginUrl, { method: 'POST', headers, body: JSON.stringify({ userName, password }) });
      return status === 200 ? 'in' : status === 403 ? 'deactivated' : 'wrong';
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  } as const);
}

function shown({ password, ...user }: ScimUser): object {
  return { ...user, meta: { created: new Date(0), lastModified: new Date() } };
}

function equal(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(String(b))];
  return x.length === y.length && timingSafeEqual(x, y);
}
