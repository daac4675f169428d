// Web logins on a real nginx and on a form with cookies and a token: only the site's own "wrong password" is a rejection, and a way back to the form is no way in.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { htpasswdLine, type LabNginx, startNginx } from '../../lab/nginx.ts';
import { freePort } from '../../lab/process.ts';
import { config } from '../../src/connectors/http-login/config.ts';
import { httpLogin } from '../../src/connectors/http-login/http-login.ts';
import type { Rig } from '../../src/kit/contract.ts';
import type { Io, Probed } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { contractRows } from '../contract/connector.ts';

const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-web-'));
const old = `0ld-${randomBytes(9).toString('base64url')}`;
const fresh = `n3w-${randomBytes(9).toString('base64url')}`;
let nginx: LabNginx;
let port: number;
let site: FormSite;

beforeAll(async () => {
  port = await freePort();
  const limited = 'limit_req_zone $binary_remote_addr zone=slow:1m rate=1r/m; limit_req_status 429;';
  const basic = (more: string) => `auth_basic lab; auth_basic_user_file {dir}/htpasswd; ${more}`;
  nginx = await startNginx({
    dir,
    ports: [port],
    servers: `${limited} server {
      listen 127.0.0.1:${port};
      location / { ${basic('')} }
      location = /only.html { ${basic('allow 192.0.2.1; deny all; satisfy all;')} }
      location = /busy.html { limit_req zone=slow; add_header Retry-After 7 always; alias {dir}/www/index.html; }
      location = /open.html { alias {dir}/www/index.html; }
      location = /ticket.html { add_header WWW-Authenticate Negotiate always; return 401; }
      location = /moved.html { return 302 /login; }
    }`,
  });
  passwords(old);
  site = await formSite();
}, 30_000);
afterAll(async () => {
  await nginx?.stop();
  await site?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** nginx reads the file for each request. */
const passwords = (text: string): void => writeFileSync(join(dir, 'htpasswd'), htpasswdLine('alice', text), { mode: 0o644 });
const io = (more: Partial<Io> = {}): Io => ({
  system: 'web',
  timeoutMs: 3000,
  signal: new AbortController().signal,
  now: () => new Date(),
  resolve: () => Promise.reject(new Error('a path has no secret of its own')),
  path: (relative) => join(dir, relative),
  ...more,
});

async function probe(settings: object, text: string, more: Partial<Io> = {}, login = 'alice'): Promise<Probed> {
  const connection = await httpLogin.open(config.parse(settings), io(more));
  const [where] = await connection.probe.paths();
  if (where === undefined) throw new Error('no path');
  return connection.probe.attempt({ system: 'web', id: '1', name: login }, secretOf('tried', text), where);
}
const say = async (...input: Parameters<typeof probe>): Promise<string> => {
  const { verdict, code } = await probe(...input);
  return `${verdict} ${code}`;
};
const basic = (page: string, more: object = {}) => ({ kind: 'basic', url: `http://127.0.0.1:${port}${page}`, ...more });

describe('HTTP Basic on nginx', () => {
  test('a changed password: new accepted, old and any other rejected by 401, new accepted again', async () => {
    expect(await say(basic('/'), old)).toBe('accepted 200');
    passwords(fresh);
    expect(await say(basic('/'), fresh)).toBe('accepted 200');
    expect(await say(basic('/'), 'n0ns3ns3')).toBe('rejected 401');
    expect(await say(basic('/'), old)).toBe('rejected 401');
    expect(await say(basic('/'), fresh)).toBe('accepted 200');
  });

  test('a page closed to this machine says 403 to every secret: blocked, never rejected', async () => {
    expect(await say(basic('/only.html'), fresh)).toBe('blocked 403');
    expect(await say(basic('/only.html'), old)).toBe('blocked 403');
  });

  test('a page that needs no login accepts nonsense, so that the ceremony sees it', async () => {
    expect(await say(basic('/open.html'), 'n0ns3ns3')).toBe('accepted 200');
  });

  test('a 401 that asks for another scheme has not looked at the password', async () => {
    expect(await say(basic('/ticket.html'), fresh)).toBe('indeterminate 401 asks for negotiate');
  });

  test('a redirect is not followed and is no success', async () => {
    expect(await say(basic('/moved.html'), fresh)).toBe('indeterminate 302 elsewhere');
  });

  test('too many requests: the same probe may be made again after the time the server names', async () => {
    await probe(basic('/busy.html'), fresh);
    expect(await probe(basic('/busy.html'), fresh)).toEqual({ verdict: 'indeterminate', code: '429', retryAfterMs: 7000 });
  });

  test('a user name with a colon would be another user: it is never sent', async () => {
    const before = readFileSync(nginx.accessLog, 'utf8');
    expect(await say(basic('/'), fresh, {}, 'alice:x')).toBe('indeterminate not-sendable');
    expect(readFileSync(nginx.accessLog, 'utf8')).toBe(before);
  });

  test('no secret is in a log of the server', () => {
    const logs = readFileSync(nginx.accessLog, 'utf8') + readFileSync(nginx.errorLog, 'utf8');
    expect(logs.length).toBeGreaterThan(500);
    for (const text of [old, fresh])
      for (const form of [text, Buffer.from(`alice:${text}`).toString('base64')]) expect(logs).not.toContain(form);
  });
});

describe('a form', () => {
  const form = (more: object = {}) => ({
    kind: 'form',
    url: `${site.url}/login`,
    fields: { user: 'email', secret: 'pass' },
    csrf: { field: 'token', pattern: 'name="token" value="([^"]+)"' },
    accepted: [{ status: 302, location: '/home' }],
    rejected: [{ status: 302, location: '/login?error=credentials' }],
    blocked: [{ status: 302, location: '/login?error=locked' }],
    ...more,
  });

  test('with its cookie and its token: right, wrong and locked are told apart by where it redirects to', async () => {
    expect(await say(form(), site.password)).toBe('accepted 302');
    expect(await say(form(), 'n0ns3ns3')).toBe('rejected 302');
    site.locked = true;
    expect(await say(form(), site.password)).toBe('blocked 302');
    site.locked = false;
  });

  test('without its token the form is not judged, and what came of it is not a rejection', async () => {
    const { csrf: _, ...bare } = form();
    expect(await say(bare, site.password)).toBe('indeterminate 403');
    expect(await say(form({ csrf: { field: 'token', pattern: 'no such (token)' } }), site.password)).toBe('indeterminate no-csrf-token');
  });

  test('a redirect back to the form is no success, whatever a rule says', async () => {
    expect(
      await say(form({ accepted: [{ status: 302, location: '/login' }], rejected: [{ status: 200, text: 'Sorry' }] }), 'n0ns3ns3'),
    ).toBe('indeterminate 302 back to the login');
  });

  test('where every answer redirects alike, the page behind the login decides', async () => {
    const after = {
      after: '/home',
      accepted: [{ status: 200, text: 'Welcome, alice' }],
      rejected: [{ status: 302, location: '/login' }],
      blocked: [{ status: 418 }],
    };
    expect(await say(form(after), site.password)).toBe('accepted 200');
    expect(await say(form(after), 'n0ns3ns3')).toBe('rejected 302');
  });

  test('an accepted probe signs out where the file says how: no session is left behind', async () => {
    const before = site.sessions.size;
    expect(await say(form({ logout: '/logout' }), site.password)).toBe('accepted 302');
    expect(site.sessions.size).toBe(before);
    expect(await say(form(), site.password)).toBe('accepted 302');
    expect(site.sessions.size).toBe(before + 1);
  });

  test('a rate limit on the form is no verdict', async () => {
    site.busy = true;
    expect(await probe(form(), site.password)).toEqual({ verdict: 'indeterminate', code: '429', retryAfterMs: 3000 });
    site.busy = false;
  });

  test('its pages together take no longer than one call may', async () => {
    site.slowMs = 250;
    const began = performance.now();
    expect(await say(form(), site.password, { timeoutMs: 400 })).toBe('indeterminate ETIMEDOUT');
    expect(performance.now() - began).toBeLessThan(700);
    site.slowMs = 0;
  });
});

test('a bearer token: 401 rejected, 403 for want of scope blocked, another scheme by its name', async () => {
  const bearer = (page: string, more: object = {}) => ({ kind: 'bearer', url: `${site.url}${page}`, ...more });
  expect(await say(bearer('/token'), site.password)).toBe('accepted 200');
  expect(await say(bearer('/token'), 'n0ns3ns3')).toBe('rejected 401');
  expect(await say(bearer('/scope'), site.password)).toBe('blocked 403');
  expect(await say(bearer('/token', { scheme: 'Token' }), site.password)).toBe('indeterminate 401 asks for bearer');
  expect(await say(bearer('/token'), 'two words')).toBe('indeterminate not-sendable');
});

describe('contract', () => {
  const rig =
    (url: () => string | Promise<string>) =>
    async (bench: { io(system: string): Io }): Promise<Rig> => {
      passwords(old);
      const connection = await httpLogin.open(config.parse({ kind: 'basic', url: await url() }), bench.io('web'));
      return { connection, account: { system: 'web', id: '1', name: 'alice' }, old, accepts: (text) => text === old };
    };
  const fixture = {
    connector: httpLogin,
    badConfig: { config: { kind: 'basic', url: 'http://web.example.test/' }, field: 'url' },
    situations: {
      plain: rig(() => `http://127.0.0.1:${port}/`),
      unreachable: rig(async () => `http://127.0.0.1:${await freePort()}/`),
      'accept-any': rig(() => `http://127.0.0.1:${port}/open.html`),
    },
  };
  for (const row of contractRows(fixture, { timeoutMs: 1000 }))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});

type FormSite = {
  readonly url: string;
  readonly password: string;
  readonly sessions: Set<string>;
  locked: boolean;
  busy: boolean;
  slowMs: number;
  stop(): Promise<void>;
};

/** A web application as frameworks make them: a token bound to a cookie, a redirect after every form, a session cookie. */
async function formSite(): Promise<FormSite> {
  const tokens = new Map<string, string>();
  const running = {
    password: `f0rm-${randomBytes(9).toString('base64url')}`,
    sessions: new Set<string>(),
    locked: false,
    busy: false,
    slowMs: 0,
  };
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (running.slowMs > 0) await new Promise((resolve) => setTimeout(resolve, running.slowMs));
    answer(request, response, new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: listening } = server.address() as { port: number };

  function answer(request: IncomingMessage, response: ServerResponse, fields: URLSearchParams): void {
    const cookies = new Map((request.headers.cookie ?? '').split('; ').map((each) => each.split('=') as [string, string]));
    const redirect = (location: string, headers: Record<string, string> = {}) => response.writeHead(302, { location, ...headers }).end();
    if (request.url === '/token' || request.url === '/scope') {
      const right = request.headers.authorization === `Bearer ${running.password}`;
      if (!right) response.writeHead(401, { 'www-authenticate': 'Bearer realm="api", error="invalid_token"' }).end();
      else response.writeHead(request.url === '/scope' ? 403 : 200).end();
    } else if (request.url === '/home') {
      if (running.sessions.has(cookies.get('sid') ?? '')) response.end('Welcome, alice');
      else redirect('/login');
    } else if (request.url === '/logout') {
      running.sessions.delete(cookies.get('sid') ?? '');
      redirect('/login');
    } else if (request.method === 'GET') {
      const [pre, token] = [randomBytes(8).toString('hex'), `a&b${randomBytes(8).toString('hex')}`];
      tokens.set(pre, token);
      const page = `<form><input name="token" value="${token.replace('&', '&amp;')}"></form>`;
      response.writeHead(200, { 'set-cookie': [`pre=${pre}; Path=/; HttpOnly`, 'old=; Max-Age=0'] }).end(page);
    } else if (running.busy) response.writeHead(429, { 'retry-after': '3' }).end();
    else if (tokens.get(cookies.get('pre') ?? '') !== fields.get('token')) response.writeHead(403).end('bad token');
    else if (fields.get('email') !== 'alice' || fields.get('pass') !== running.password) redirect('/login?error=credentials');
    else if (running.locked) redirect('/login?error=locked');
    else {
      const sid = randomBytes(8).toString('hex');
      running.sessions.add(sid);
      redirect('/home', { 'set-cookie': `sid=${sid}; Path=/` });
    }
  }

  return Object.assign(running, {
    url: `http://127.0.0.1:${listening}`,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}
