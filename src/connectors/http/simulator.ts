// Somebody's API in miniature, for tests: accounts, passwords, keys, sessions, a lockout; and every way in which an answer goes wrong.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type Mode = 'good' | 'reply-lost' | 'request-lost' | 'policy' | 'throttled' | 'slow' | 'accept-any';
type Key = { readonly id: string; readonly value: string; readonly note: string; readonly made: string };
export type User = {
  readonly id: number;
  readonly mail: string;
  password: string;
  version: number;
  changed: string;
  active: boolean;
  failures: number;
  keys: Key[];
  sessions: { readonly id: string; readonly since: string }[];
};
/** `seen`: method, address and headers of every call. `mode` may be changed while it runs. */
export type Simulator = {
  readonly url: string;
  readonly users: User[];
  readonly seen: { readonly line: string; readonly headers: string; readonly body: string }[];
  mode: Mode;
  stop(): Promise<void>;
};

export const adminToken = 'simulated-admin-token';
type Reply = { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> };

/** `threshold`: how many wrong logins lock an account. */
export async function simulate(mode: Mode, passwords: Readonly<Record<string, string>>, threshold = 3): Promise<Simulator> {
  const users = Object.entries(passwords).map(
    ([name, password], n): User => ({
      id: 100 + n,
      mail: `${name}@example.test`,
      password,
      version: 1,
      changed: new Date(Date.now() - 86_400_000).toISOString(),
      active: true,
      failures: 0,
      keys: [{ id: `k${n}`, value: `first-key-of-${name}`, note: '', made: new Date().toISOString() }],
      sessions: [],
    }),
  );
  const sockets = new Set<Socket>();
  const seen: Simulator['seen'] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    seen.push({ line: `${request.method} ${request.url}`, headers: JSON.stringify(request.headers), body });
    const writes = request.method === 'PUT' || (request.method === 'POST' && request.url?.endsWith('/keys') === true);
    if (!writes || running.mode === 'good' || running.mode === 'accept-any') return send(response, route(request, body));
    if (running.mode === 'slow') return;
    if (running.mode === 'policy') return send(response, { status: 422, body: { error: 'weak' } });
    if (running.mode === 'throttled') return send(response, { status: 429, headers: { 'retry-after': '2' } });
    if (running.mode === 'reply-lost') route(request, body);
    request.socket.destroy();
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  function route(request: IncomingMessage, body: string): Reply {
    const url = new URL(request.url ?? '/', 'http://api');
    const [, , first = '', id = '', what = '', key = ''] = url.pathname.split('/');
    const sent = body === '' ? {} : (JSON.parse(body) as Record<string, string>);
    if (first === 'session') return login(sent);
    if (first === 'whoami') return whoami(request.headers.authorization);
    if (request.headers.authorization !== `Bearer ${adminToken}`) return { status: 401, body: { error: 'token' } };
    if (id === '') return page(url);
    const user = users.find((each) => String(each.id) === id);
    if (user === undefined) return { status: 404, body: { error: 'no such user' } };
    return change(request.method ?? '', user, what, key, sent);
  }

  function login({ user: mail, password }: Record<string, string>): Reply {
    const user = users.find((each) => each.mail === mail);
    if (running.mode === 'accept-any') return { status: 200, body: { ok: true } };
    if (user !== undefined && user.failures >= threshold) return { status: 200, body: { ok: false, reason: 'locked' } };
    if (user === undefined || user.password !== password) {
      if (user !== undefined) user.failures += 1;
      return { status: 200, body: { ok: false, reason: 'credentials' } };
    }
    if (!user.active) return { status: 200, body: { ok: false, reason: 'suspended' } };
    user.failures = 0;
    return { status: 200, body: { ok: true } };
  }

  function whoami(header: string | undefined): Reply {
    const owner = users.find((user) => user.keys.some((key) => header === `Bearer ${key.value}`));
    if (owner === undefined) return { status: 401, body: { error: 'key' } };
    return owner.active ? { status: 200, body: { mail: owner.mail } } : { status: 403, body: { error: 'suspended' } };
  }

  function page(url: URL): Reply {
    const start = Number(url.searchParams.get('after') ?? 0);
    const end = start + Number(url.searchParams.get('limit') ?? 100);
    const items = users.slice(start, end).map(({ id, mail, active, changed }) => ({ id, mail, active, changed }));
    return { status: 200, body: { data: { users: items }, next: end < users.length ? String(end) : null } };
  }

  function change(method: string, user: User, what: string, key: string, sent: Record<string, string>): Reply {
    if (what === 'password' && method === 'PUT') {
      user.password = sent.password ?? '';
      user.version += 1;
      user.changed = new Date().toISOString();
      return { status: 204 };
    }
    if (what === 'active') {
      user.active = method === 'POST';
      return { status: 204 };
    }
    if (what === 'sessions' && method === 'GET') return { status: 200, body: { sessions: user.sessions } };
    if (what === 'sessions') {
      const count = user.sessions.length;
      user.sessions = [];
      return { status: 200, body: { ended: count } };
    }
    if (what === 'keys') return keys(method, user, key, sent);
    return { status: 200, body: { version: user.version, changed: user.changed, active: user.active, failures: user.failures } };
  }

  function keys(method: string, user: User, id: string, sent: Record<string, string>): Reply {
    if (method === 'GET') return { status: 200, body: { keys: user.keys.map(({ value, ...shown }) => shown) } };
    if (method === 'DELETE') {
      if (!user.keys.some((each) => each.id === id)) return { status: 404, body: {} };
      user.keys = user.keys.filter((each) => each.id !== id);
      return { status: 204 };
    }
    const made = { id: `k${Math.random().toString(36).slice(2)}`, value: `minted-${Math.random().toString(36).slice(2)}${Date.now()}` };
    user.keys.push({ ...made, note: sent.note ?? '', made: new Date().toISOString() });
    return { status: 201, body: { key: made } };
  }

  const running: Simulator = {
    url: `http://127.0.0.1:${port}/v1`,
    users,
    seen,
    mode,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return running;
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
