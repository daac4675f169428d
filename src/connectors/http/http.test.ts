// What an API described as data must never do by a slip of the description: leak the secret, change another account, take a redirect or an error page for an answer.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { AccountRef, Check, Io, Outcome } from '../../kit/kit.ts';
import { secretOf } from '../../seal/secret.ts';
import { config } from './config.ts';
import { keys, passwords } from './contract.ts';
import { http } from './http.ts';
import { linkedNext } from './paging.ts';
import { pairText } from './pair.ts';
import { at, dateAt, textAt } from './pointer.ts';
import { classify, meaning } from './rules.ts';
import { adminToken, type Simulator, simulate } from './simulator.ts';
import { supportsOf } from './supports.ts';

const secret = secretOf('v1', 'N3w-"sec\\ret"/ä');
const io = (more: Partial<Io> = {}): Io => ({
  system: 'api',
  timeoutMs: 2000,
  signal: new AbortController().signal,
  now: () => new Date(),
  resolve: async () => secretOf('own', adminToken),
  path: (relative) => relative,
  ...more,
});
const account: AccountRef = { system: 'api', id: '100', name: 'app@example.test' };
const base = (more: object) => ({ url: 'https://api.example.test/v1', auth: { bearer: { env: 'T' } }, ...more });
const set = (more: object) => base({ set: { method: 'PUT', path: '/users/{id}', json: { password: '{secret}' }, ...more } });

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
async function simulator(): Promise<Simulator> {
  const target = await simulate('good', { app: 'old-one', ci: 'x', mailer: 'y' });
  stops.push(() => target.stop());
  return target;
}
/** A server that answers as told and remembers what it got. */
async function server(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
  const seen: string[] = [];
  const made = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'} ${body}`);
    answer(request, response, body);
  });
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => made.close(resolve)));
  return { url: `http://127.0.0.1:${(made.address() as AddressInfo).port}/v1`, seen };
}
const open = (block: object, more: Partial<Io> = {}) => http.open(config.parse({ allowPrivate: true, ...block }), io(more));
const kindOf = <T>(outcome: Outcome<T>): string => (outcome.kind === 'done' ? 'done' : `${outcome.kind} ${outcome.fault.code}`);
const faults = (block: object): string[] =>
  config.safeParse(block).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('a description is refused at its place', () => {
  test.each([
    ['a secret in a path', set({ path: '/users/{id}?p={secret}' }), /^set\.path: \{secret\} must not stand in a path/],
    ['a secret in a header that is not declared', set({ headers: { 'X-New': '{secret}' } }), /^set\.headers\.X-New: \{secret\} must not/],
    ['a misspelt placeholder', set({ path: '/users/{uid}' }), /^set\.path: \{uid\} means nothing here; known are \{id\}/],
    ['a write by GET', set({ method: 'GET' }), /^set\.method: a call that changes something/],
    ['a write without the secret', set({ json: { x: 1 } }), /^set\.path: the call carries no \{secret\}/],
    ['two bodies', set({ form: { p: '{secret}' } }), /^set\.form: a call has one body/],
    ['a way up', set({ path: '/users/../admin/{id}' }), /^set\.path: a dot segment/],
    ['nothing to reset', base({ probe: { path: '/me', secretAs: 'bearer' } }), /^set: the block describes nothing to reset/],
    ['http:// to another machine', { ...set({}), url: 'http://api.example.test' }, /^url: http:\/\/ would send secrets in the clear/],
    ['a query in the base', { ...set({}), url: 'https://api.example.test/?key=1' }, /^url: expected https/],
    [
      'two credentials',
      { ...set({}), auth: { bearer: { env: 'A' }, basic: { user: 'x', password: { env: 'B' } } } },
      /^auth: one of bearer/,
    ],
    ['a secret written into the file', { ...set({}), auth: { bearer: 'tok' } }, /^auth\.bearer/],
    [
      'a cursor without its parameter',
      base({ accounts: { path: '/u', items: '', id: '/id', name: '/n', next: { cursor: '/c' } } }),
      /param/,
    ],
    ['equals without a pointer', set({ done: [{ status: 200, equals: 'ok' }] }), /^set\.done/],
    [
      'a pointer that is none',
      base({ accounts: { path: '/u', items: 'data', id: '/id', name: '/n' } }),
      /^accounts\.items: a JSON pointer/,
    ],
  ])('%s', (_, block, message) => expect(faults(block).join('\n')).toMatch(message));

  test('declared, the secret may stand in a header', () => {
    expect(faults(set({ json: undefined, headers: { 'X-New': '{secret}' }, secretIn: 'header' }))).toEqual([]);
  });

  test('what a block lacks is not supported, and says which one it is', async () => {
    const supports = supportsOf(config.parse(keys('https://api.example.test')));
    expect(supports.dualSecret).toBe(true);
    expect(supports.setSecret).toEqual({ cannot: 'The estate file describes no "set" of this API.' });
    const connection = await open(keys('http://127.0.0.1:1'));
    expect(Object.keys(connection).sort()).toEqual(['check', 'contain', 'dualSecret', 'inventory', 'probe', 'sessions']);
  });
});

describe('a write', () => {
  test('carries the secret as a JSON text whatever is in it, and every other place of the call is free of it', async () => {
    const target = await simulator();
    const connection = await open(passwords(target.url));
    expect(kindOf(await connection.setSecret.set(account, secret))).toBe('done');
    expect(target.users[0]?.password).toBe('N3w-"sec\\ret"/ä');
    const lines = target.seen.map(({ line, headers }) => line + headers).join('\n');
    expect(lines).not.toContain('N3w-');
    expect(lines).toContain('PUT /v1/users/100/password');
  });

  test('reaches the account it is about: an id is one step of the path, however it is spelt', async () => {
    const { url, seen } = await server((_, response) => response.writeHead(204).end());
    const connection = await open({ ...set({}), url });
    await connection.setSecret.set({ ...account, id: 'a/../b?c#d ü' }, secret);
    expect(seen[0]).toMatch(/^PUT \/v1\/users\/a%2F\.\.%2Fb%3Fc%23d%20%C3%BC Bearer /);
    for (const id of ['..', '.', ''])
      expect(kindOf(await connection.setSecret.set({ ...account, id }, secret)), `id "${id}"`).toBe('refused unsupported');
    expect(seen).toHaveLength(1);
  });

  test('a line break in a header value is never sent', async () => {
    const { url, seen } = await server((_, response) => response.writeHead(204).end());
    const connection = await open({ ...set({ json: undefined, headers: { 'X-New': '{secret}' }, secretIn: 'header' }), url });
    expect(kindOf(await connection.setSecret.set(account, secretOf('v1', 'a\r\nX-Admin: 1')))).toBe('refused unsupported');
    expect(kindOf(await connection.setSecret.set(account, secretOf('v1', 'plain')))).toBe('done');
    expect(seen).toHaveLength(1);
  });

  test.each([
    [200, {}, 'done'],
    [204, {}, 'done'],
    [202, {}, 'indeterminate protocol'],
    [302, {}, 'indeterminate protocol'],
    [400, {}, 'indeterminate protocol'],
    [401, {}, 'refused auth'],
    [403, {}, 'refused permission'],
    [404, {}, 'refused not-found'],
    [409, {}, 'indeterminate protocol'],
    [422, { error: 'weak' }, 'refused policy'],
    [422, { error: 'database' }, 'indeterminate protocol'],
    [429, {}, 'refused throttled'],
    [500, {}, 'indeterminate protocol'],
    [503, {}, 'indeterminate protocol'],
    [200, { error: 'weak' }, 'refused policy'],
  ])('status %i with %j is %s', async (status, body, expected) => {
    const { url } = await server((_, response) => response.writeHead(status, { location: '/v1/x' }).end(JSON.stringify(body)));
    const refused = [{ status: [200, 422], pointer: '/error', equals: 'weak', as: 'policy' }];
    const connection = await open({ ...set({ refused }), url });
    expect(kindOf(await connection.setSecret.set(account, secret))).toBe(expected);
  });

  test('an answer that two rules dispute is in doubt, also where HTTP has a meaning of its own', async () => {
    const { url } = await server((_, response) => response.writeHead(403).end());
    const disputed = { done: [403], refused: [{ status: 403, as: 'policy' }] };
    expect(kindOf(await (await open({ ...set(disputed), url })).setSecret.set(account, secret))).toBe('indeterminate protocol');
    expect(kindOf(await (await open({ ...set({}), url })).setSecret.set(account, secret))).toBe('refused permission');
  });

  test('an answer that repeats the secret is not repeated in a message', async () => {
    const { url } = await server((_, response, body) => response.writeHead(500).end(body));
    const outcome = await (await open({ ...set({}), url })).setSecret.set(account, secret);
    expect(JSON.stringify(outcome)).not.toContain('N3w');
  });

  test('with a login for itself: one login for many calls, a new one when the token has died, never a second write in doubt', async () => {
    let token = 0;
    const { url, seen } = await server((request, response) => {
      if (request.url === '/v1/login') response.end(JSON.stringify({ data: { token: `t${++token}` } }));
      else if (request.headers.authorization !== `Bearer t${token}` || seen.length === 4) response.writeHead(401).end();
      else response.writeHead(204).end();
    });
    const login = {
      method: 'POST',
      path: '/login',
      json: { client: 'rekey', key: '{secret}' },
      secret: { env: 'K' },
      token: '/data/token',
    };
    const connection = await open({ ...set({}), url, auth: { login } });
    const two = await Promise.all([connection.setSecret.set(account, secret), connection.setSecret.set(account, secret)]);
    expect(two.map(kindOf)).toEqual(['done', 'done']);
    expect(kindOf(await connection.setSecret.set(account, secret))).toBe('done');
    expect(seen.map((line) => line.split(' ')[1])).toEqual(['/v1/login', ...Array(3).fill('/v1/users/100'), '/v1/login', '/v1/users/100']);
    const wrong = await open({ ...set({}), url, auth: { login: { ...login, token: '/nothing' } } });
    expect(kindOf(await wrong.setSecret.set(account, secret))).toBe('refused auth');
  });

  test('a credential of our own that cannot be read is refused, not thrown', async () => {
    const connection = await open(set({}), { resolve: () => Promise.reject(new Error('the environment variable T is not set')) });
    expect(await connection.setSecret.set(account, secret)).toMatchObject({
      kind: 'refused',
      fault: { code: 'auth', message: /T is not set/ },
    });
  });
});

describe('addresses', () => {
  test('of the own network are refused before a byte is sent, unless the file allows them', async () => {
    const { url, seen } = await server((_, response) => response.writeHead(204).end());
    const connection = await open({ ...set({}), url, allowPrivate: false });
    expect(await connection.setSecret.set(account, secret)).toMatchObject({
      kind: 'refused',
      fault: { code: 'unreachable', target: 'EADDRFORBIDDEN' },
    });
    const checks: Check[] = [];
    for await (const check of connection.check.run()) checks.push(check);
    expect(checks[0]).toMatchObject({ verdict: 'fail', next: expect.stringContaining('allowPrivate') });
    expect(seen).toEqual([]);
  });
  test('of metadata services are refused although private ones are allowed', async () => {
    const connection = await open({ ...set({}), url: 'http://169.254.169.254/', insecure: true });
    expect(await connection.setSecret.set(account, secret)).toMatchObject({ kind: 'refused', fault: { target: 'EADDRFORBIDDEN' } });
  });
});

describe('a probe', () => {
  const where = { path: 'api', replica: '' };
  test.each([
    ['in a header', keys, 'first-key-of-app'],
    ['in the body', passwords, 'old-one'],
  ])('with the secret %s never carries our own credentials', async (_, block, text) => {
    const target = await simulator();
    const connection = await open(block(target.url));
    const [here = where] = await connection.probe.paths();
    expect((await connection.probe.attempt(account, secretOf('v0', text), here)).verdict).toBe('accepted');
    expect(target.seen).toHaveLength(1);
    expect(target.seen[0]?.headers).not.toContain(adminToken);
  });
  test.each([
    ['bearer', 'Bearer s3cret'],
    ['basic', `Basic ${Buffer.from('app@example.test:s3cret').toString('base64')}`],
  ])('presents the secret as %s', async (secretAs, expected) => {
    const { url, seen } = await server((_, response) => response.writeHead(200).end());
    const connection = await open({ ...set({}), url, probe: { path: '/me', secretAs, user: '{name}' } });
    const [here = where] = await connection.probe.paths();
    expect(await connection.probe.attempt(account, secretOf('v', 's3cret'), here)).toEqual({ verdict: 'accepted', code: '200' });
    expect(seen[0]).toBe(`GET /v1/me ${expected} `);
  });
  test.each([
    [200, 'accepted'],
    [302, 'indeterminate'],
    [401, 'rejected'],
    [403, 'blocked'],
    [404, 'indeterminate'],
    [500, 'indeterminate'],
  ])('status %i is %s', async (status, verdict) => {
    const { url } = await server((_, response) => response.writeHead(status, { location: '/login' }).end('<html>'));
    const connection = await open({ ...set({}), url, probe: { path: '/me', secretAs: { header: 'X-Key' } } });
    const [here = where] = await connection.probe.paths();
    expect(await connection.probe.attempt(account, secret, here)).toEqual({ verdict: 'indeterminate', code: 'not-sent' });
    expect((await connection.probe.attempt(account, secretOf('v', 's3cret'), here)).verdict).toBe(verdict);
  });
  test('a throttled probe may be made again', async () => {
    const { url } = await server((_, response) => response.writeHead(429, { 'retry-after': '3' }).end());
    const connection = await open({ ...set({}), url, probe: { path: '/me', secretAs: 'bearer' } });
    const [here = where] = await connection.probe.paths();
    expect(await connection.probe.attempt(account, secretOf('v', 'x'), here)).toEqual({
      verdict: 'indeterminate',
      code: '429',
      retryAfterMs: 3000,
    });
  });
  test('rules that disagree about one answer say nothing; one that looked into it beats one that did not', () => {
    const seen = { status: 200, json: { ok: false } };
    expect(classify([...meaning([200], 'a'), ...meaning([200], 'b')], seen)).toBeUndefined();
    expect(classify([...meaning([200], 'a'), ...meaning([{ status: 200, pointer: '/ok', equals: false }], 'b')], seen)).toBe('b');
    expect(classify(meaning([{ pointer: '/ok' }], 'a'), { status: 502, json: { ok: 1 } })).toBeUndefined();
  });
});

describe('keys', () => {
  test('are sealed with their identifier where consumers need both, and probed with both', async () => {
    const { url, seen } = await server((request, response) =>
      request.method === 'POST' ? response.writeHead(201).end('{"id":7,"key":"k-7"}') : response.writeHead(200).end('{}'),
    );
    const block = keys(url);
    const issue = { ...block.mint.issue, slot: '/id', secret: '/key', pair: true };
    const probe = { path: '/check', method: 'POST', form: { id: '{slot}', key: '{secret}' } };
    const connection = await open({ ...block, mint: { ...block.mint, issue }, probe });
    let sealed = '';
    const seal = async (label: string, bytes: Uint8Array) => {
      sealed = Buffer.from(bytes).toString('utf8');
      return secretOf(label, bytes);
    };
    const issued = await connection.dualSecret.issue(account, { seal }, 'rekey-1');
    expect(issued).toMatchObject({ kind: 'done', value: { slot: '7' } });
    expect(sealed).toBe(pairText('7', 'k-7'));
    const [where = { path: '', replica: '' }] = await connection.probe.paths();
    await connection.probe.attempt(account, secretOf('v', sealed), where);
    expect(seen.at(-1)).toContain('id=7&key=k-7');
    await connection.probe.attempt(account, secretOf('nonsense', 'made-up'), where);
    expect(seen.at(-1)).toContain('id=no-such-key&key=made-up');
  });

  test('made without an answer in hand are in doubt, and found by their label', async () => {
    const target = await simulator();
    target.mode = 'reply-lost';
    const connection = await open(keys(target.url));
    const issued = await connection.dualSecret.issue(account, { seal: () => Promise.reject(new Error('nothing to seal')) }, 'rekey-lost-1');
    expect(kindOf(issued)).toBe('indeterminate unreachable');
    const listed = await connection.dualSecret.list(account);
    expect(listed.kind === 'done' ? listed.value.map(({ label }) => label) : []).toEqual([undefined, 'rekey-lost-1']);
  });

  test('an answer without the key is in doubt, not done', async () => {
    const { url } = await server((_, response) => response.writeHead(201).end('{"key":{"id":"k1"}}'));
    const connection = await open(keys(url));
    expect(kindOf(await connection.dualSecret.issue(account, { seal: async () => secret }, 'rekey-1'))).toBe('indeterminate protocol');
  });

  test('"not found" retires a key only when the list does not show it: a wrong path says the same', async () => {
    const target = await simulator();
    const block = keys(target.url);
    const wrong = await open({ ...block, mint: { ...block.mint, retire: { method: 'DELETE', path: '/users/999/keys/{slot}' } } });
    expect(kindOf(await wrong.dualSecret.retire(account, 'k0'))).toBe('refused not-found');
    expect(target.users[0]?.keys).toHaveLength(1);
  });
});

describe('accounts', () => {
  const list = (more: object) => ({ ...set({}), accounts: { path: '/u', items: '/items', id: '/id', name: '/name', ...more } });
  const all = async (block: object, limit = 2) => {
    const connection = await open(block);
    const names: string[] = [];
    for (let cursor: string | undefined, n = 0; n < 20; n++) {
      const page = await connection.inventory.page(cursor === undefined ? { limit } : { cursor, limit });
      if (page.kind !== 'done') return [...names, page.fault.message];
      names.push(...page.value.items.map(({ name }) => name));
      cursor = page.value.next;
      if (cursor === undefined) return names;
    }
    return [...names, 'without end'];
  };
  const people = ['a', 'b', 'c', 'd', 'e'].map((name, n) => ({ id: n, name }));
  const body = (items: unknown, more: object = {}) => JSON.stringify({ items, ...more });
  const paged = (request: IncomingMessage) => Number(new URL(request.url ?? '', 'http://x').searchParams.get('page'));

  test('in one list are cut into pages', async () => {
    const { url } = await server((_, response) => response.end(body(people)));
    expect(await all({ ...list({}), url })).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
  test('by page number: until a page is empty, though every page is smaller than asked for', async () => {
    const { url } = await server((request, response) => response.end(body(people.slice(paged(request) - 1, paged(request)))));
    expect(await all({ ...list({ next: { page: 1, param: 'page' } }), url })).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
  test('by Link header and by the address of the next page, also a relative one', async () => {
    const slice = (n: number) => people.slice(n * 2, n * 2 + 2);
    const { url } = await server((request, response) => {
      const n = paged(request);
      if (n < 2) response.setHeader('link', `<?page=${n + 1}>; rel="next", </v1/u>; rel="first"`);
      response.end(body(slice(n), n < 2 ? { next: `/v1/u?page=${n + 1}` } : {}));
    });
    expect(await all({ ...list({ next: { link: true } }), url })).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await all({ ...list({ next: { url: '/next' } }), url })).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
  test('a next page elsewhere is not fetched: our credentials go with the call', async () => {
    const { url } = await server((_, response) => response.end(body(people.slice(0, 1), { next: 'https://attacker.example/v1/u' })));
    expect(await all({ ...list({ next: { url: '/next' } }), url })).toEqual(['a', 'the API named an address outside config.url']);
  });
  test('an API that ignores the page number is stopped', async () => {
    const { url } = await server((_, response) => response.end(body(people.slice(0, 2))));
    expect((await all({ ...list({ next: { page: 1, param: 'page' } }), url })).at(-1)).toContain('same page again');
  });
  test('an item without id is an error of the description, not an account less', async () => {
    const { url } = await server((_, response) => response.end(body([...people, { name: 'x' }])));
    expect((await all({ ...list({}), url }, 100)).at(-1)).toContain('no id or no name');
  });
  test('of our own are marked', async () => {
    const { url } = await server((_, response) => response.end(body(people)));
    const connection = await open({ ...list({}), url, auth: { basic: { user: 'b', password: { env: 'P' } } } });
    const page = await connection.inventory.page({ limit: 10 });
    expect(page.kind === 'done' ? page.value.items.filter(({ facts }) => facts.own === true).map(({ name }) => name) : []).toEqual(['b']);
  });
});

describe('sessions', () => {
  test('that nobody can list are ended by the call, and tokens that outlive it are said to', async () => {
    const { url } = await server((_, response) => response.end('{"revoked":3}'));
    const sessions = { end: { method: 'POST', path: '/users/{id}/logout', ended: '/revoked' }, residualSeconds: 600 };
    const connection = await open({ ...set({}), url, sessions });
    expect(await connection.sessions.end(account, new Date())).toEqual({ kind: 'done', value: { ended: 3, left: 1, residualMs: 600_000 } });
    expect(kindOf(await connection.sessions.list(account))).toBe('refused unsupported');
  });
});

test('doctor tells a wrong token, a wrong pointer and a redirect apart', async () => {
  const run = async (block: object, own = adminToken) => {
    const connection = await open(block, { resolve: async () => secretOf('own', own) });
    const checks: string[] = [];
    for await (const { id, verdict } of connection.check.run()) checks.push(`${id} ${verdict}`);
    return checks.join(', ');
  };
  const target = await simulator();
  expect(await run(passwords(target.url))).toBe('reach ok, tls ok, auth ok, rights ok, clock ok');
  expect(await run(passwords(target.url), 'wrong')).toBe('reach ok, tls ok, auth fail, clock ok');
  const block = passwords(target.url);
  expect(await run({ ...block, accounts: { ...block.accounts, items: '/data' } })).toBe('reach ok, tls ok, auth ok, rights fail, clock ok');
  const { url } = await server((_, response) => response.writeHead(301, { location: '/v2' }).end());
  expect(await run(passwords(url))).toBe('reach ok, tls ok, auth ok, rights fail, clock ok');
});

test('pointers, dates and links', () => {
  const document = {
    a: { 'b/c': [{ '~': 'x' }] },
    n: 7,
    empty: '',
    iso: '2026-01-02T03:04:05Z',
    seconds: 1_767_323_045,
    ms: 1_767_323_045_000,
  };
  expect(at(document, '/a/b~1c/0/~0')).toBe('x');
  expect(at(document, '')).toBe(document);
  expect(at(document, '/a/__proto__')).toBeUndefined();
  expect([textAt(document, '/n'), textAt(document, '/empty'), textAt(document, '/a')]).toEqual(['7', undefined, undefined]);
  for (const place of ['/iso', '/seconds', '/ms']) expect(dateAt(document, place)?.toISOString()).toBe('2026-01-02T03:04:05.000Z');
  expect(linkedNext('<https://x/?a=1,2>; rel="prev", <https://x/?b>; title="a, b"; rel="last next"')).toBe('https://x/?b');
  expect(linkedNext('<https://x/>; rel="previous"')).toBeUndefined();
});
