// Getting in and staying in, over the routes as a browser uses them: each code, challenge and cookie is good for what it was made for, once.
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeServices } from '../../test/cli/fake-services.ts';
import { Browser } from '../../test/harness/browser.ts';
import { MemoryAccess } from '../../test/harness/memory-access.ts';
import { VirtualPasskey } from '../../test/harness/virtual-passkey.ts';
import { accessServices } from '../wire/access-services.ts';
import { buildApi } from './api.ts';
import { authenticator } from './authenticate.ts';

const origin = 'https://rekey.example.test';
const open: FastifyInstance[] = [];
const unexpected: unknown[] = [];
afterEach(async () => {
  for (const api of open.splice(0)) await api.close();
  expect(unexpected.splice(0)).toEqual([]);
});

function house(attempts = 1000) {
  const store = new MemoryAccess();
  const clock = { at: Date.parse('2026-11-21T09:00:00Z') };
  let left = attempts;
  const access = accessServices({
    store,
    estate: 'acme',
    demo: false,
    signIn: { passkeys: { origin, rpId: 'rekey.example.test' } },
    clientSecret: async () => undefined,
    attempts: async () => ({ ok: left-- > 0, retryAfterMs: 1000 }),
    now: () => new Date(clock.at),
  });
  const api = buildApi({
    services: new FakeServices(),
    access,
    caller: authenticator(access),
    version: '1.2.3',
    report: (error) => unexpected.push(error),
  });
  open.push(api);
  return { store, access, api, clock, browser: () => new Browser(api, origin) };
}

async function withAdmin() {
  const set = house();
  const admin = set.browser();
  const passkey = new VirtualPasskey({ origin });
  const code = await set.access.bootstrapCode();
  expect((await admin.bootstrap(passkey, code!, 'Ada')).json()).toMatchObject({ signedIn: true, bootstrap: false });
  return { ...set, admin, passkey };
}
type Set = Awaited<ReturnType<typeof withAdmin>>;

async function member({ admin, browser }: Set, name: string, roles: readonly string[]) {
  const invited = await admin.post('/v1/invitations', { name, email: `${name}@example.test`, roles });
  expect(invited.statusCode).toBe(201);
  const passkey = new VirtualPasskey({ origin });
  const theirs = browser();
  expect((await theirs.join(passkey, invited.json().code)).json()).toMatchObject({ signedIn: true, member: { name, roles } });
  return { browser: theirs, passkey, id: (await theirs.get('/v1/session')).json().member.id as string };
}

describe('the first administrator', () => {
  it('is made by the code alone, and the session tells the page what it may offer', async () => {
    const { browser, access } = house();
    const page = browser();
    expect((await page.get('/v1/session')).json()).toEqual({
      signedIn: false,
      member: null,
      permissions: {},
      csrf: null,
      freshUntil: null,
      estate: 'acme',
      demo: false,
      version: '1.2.3',
      bootstrap: true,
      oidc: null,
    });
    const code = await access.bootstrapCode();
    const done = await page.bootstrap(new VirtualPasskey({ origin }), code!, 'Ada');
    expect(done.json()).toMatchObject({
      signedIn: true,
      member: { name: 'Ada', roles: ['administrator'] },
      permissions: { 'member.manage': 'all' },
    });
    expect(done.json().permissions).not.toHaveProperty('run.start');
    expect(done.headers['set-cookie']).toMatch(/^__Host-rekey=[\w-]{43}; Path=\/; HttpOnly; Secure; Expires=[^;]+; SameSite=Strict$/);
  });
  it('is made once: neither the same code nor another one makes a second', async () => {
    const { access, browser, store } = await withAdmin();
    expect(await access.bootstrapCode()).toBe(null);
    const again = await browser().post('/v1/bootstrap/options', { code: 'AAAAA-AAAAA-AAAAA-AAAAA-AAAAA', name: 'Eve' });
    expect(again.json()).toMatchObject({ status: 401, code: 'not-signed-in' });
    expect(store.lines.at(-1)).toContain('"event":"sign-in-refused"');
  });
  it('two who hold the code at once become one administrator', async () => {
    const { access, browser } = house();
    const code = (await access.bootstrapCode())!;
    const [one, two] = [browser(), browser()];
    const asked = [
      await one.post('/v1/bootstrap/options', { code, name: 'Ada' }),
      await two.post('/v1/bootstrap/options', { code, name: 'Eve' }),
    ];
    const first = await one.post('/v1/bootstrap', new VirtualPasskey({ origin }).register(asked[0]!.json()));
    const second = await two.post('/v1/bootstrap', new VirtualPasskey({ origin }).register(asked[1]!.json()));
    expect([first.statusCode, second.statusCode]).toEqual([200, 401]);
  });
  it('a newer code makes the older one void, and a day makes any of them void', async () => {
    const { access, browser, clock } = house();
    const old = (await access.bootstrapCode())!;
    const code = (await access.bootstrapCode())!;
    expect((await browser().post('/v1/bootstrap/options', { code: old, name: 'Eve' })).statusCode).toBe(401);
    expect((await browser().post('/v1/bootstrap/options', { code: code.toLowerCase().replaceAll('-', ' '), name: 'Ada' })).statusCode).toBe(
      200,
    );
    clock.at += 24 * 3_600_000;
    expect((await browser().post('/v1/bootstrap/options', { code, name: 'Ada' })).statusCode).toBe(401);
  });
});

describe('a member who lost the passkey', () => {
  it('comes back as the same member by a code that is good once, and what the old device had opens nothing', async () => {
    const set = await withAdmin();
    const otto = await member(set, 'Otto', ['operator']);
    const { code } = (await set.admin.post(`/v1/members/${otto.id}/invitation`, {})).json();
    expect((await otto.browser.get('/v1/runs')).statusCode).toBe(401);
    expect((await set.browser().signIn(otto.passkey)).statusCode).toBe(401);
    const passkey = new VirtualPasskey({ origin });
    const back = set.browser();
    expect((await back.join(passkey, code)).json()).toMatchObject({
      signedIn: true,
      member: { id: otto.id, name: 'Otto', roles: ['operator'] },
    });
    expect((await set.browser().signIn(passkey)).json()).toMatchObject({ member: { id: otto.id } });
    expect((await set.browser().join(new VirtualPasskey({ origin }), code)).statusCode).toBe(401);
    const events = set.store.lines.map((line) => JSON.parse(line));
    expect(events.find(({ event }) => event === 'invited-back')).toMatchObject({
      by: 'Ada',
      member: otto.id,
      passkeysRemoved: 1,
      sessionsEnded: 1,
    });
    expect(events.findLast(({ event }) => event === 'joined')).toMatchObject({ by: 'Otto', back: true, invitedBy: 'Ada' });
    expect(set.store.lines.join()).not.toContain(code);
  });
  it('keeps the passkeys they have where that is asked for', async () => {
    const set = await withAdmin();
    const otto = await member(set, 'Otto', ['operator']);
    await set.admin.post(`/v1/members/${otto.id}/invitation`, { keepPasskeys: true });
    expect((await otto.browser.get('/v1/runs')).statusCode).toBe(401);
    expect((await set.browser().signIn(otto.passkey)).statusCode).toBe(200);
  });
  it('a newer code makes the older one void, and whoever was shut out since stays out', async () => {
    const set = await withAdmin();
    const otto = await member(set, 'Otto', ['operator']);
    const again = async () => (await set.admin.post(`/v1/members/${otto.id}/invitation`, {})).json().code as string;
    const [old, newer] = [await again(), await again()];
    expect((await set.browser().join(new VirtualPasskey({ origin }), old)).statusCode).toBe(401);
    await set.admin.post(`/v1/members/${otto.id}`, { disabled: true });
    expect((await set.browser().join(new VirtualPasskey({ origin }), newer)).statusCode).toBe(401);
    expect((await set.admin.post(`/v1/members/${otto.id}/invitation`, {})).json()).toMatchObject({ code: 'conflict' });
  });
});

describe('open invitations', () => {
  it('are listed without their codes until they are used, and one that is taken back lets nobody in', async () => {
    const set = await withAdmin();
    const { code } = (await set.admin.post('/v1/invitations', { name: 'Otto', roles: ['operator'] })).json();
    await member(set, 'Olga', ['viewer']);
    const list = await set.admin.get('/v1/invitations');
    expect(list.json().items).toMatchObject([
      { id: expect.stringMatching(/^I-/), name: 'Otto', roles: ['operator'], member: null, createdBy: 'Ada' },
    ]);
    expect(list.body).not.toContain(code);
    const { id } = list.json().items[0];
    expect((await set.admin.post(`/v1/invitations/${id}/revoke`, {})).statusCode).toBe(200);
    expect((await set.browser().join(new VirtualPasskey({ origin }), code)).statusCode).toBe(401);
    expect((await set.admin.get('/v1/invitations')).json().items).toEqual([]);
    expect((await set.admin.post(`/v1/invitations/${id}/revoke`, {})).statusCode).toBe(404);
    const revoked = set.store.lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'invitation-revoked');
    expect(revoked).toMatchObject([{ by: 'Ada', name: 'Otto' }]);
  });
});

describe('an invitation', () => {
  it('lets one person in, once, with the roles it names', async () => {
    const set = await withAdmin();
    const { admin, browser } = set;
    const invited = (await admin.post('/v1/invitations', { name: 'Otto', email: 'otto@example.test', roles: ['operator'] })).json();
    expect(invited.url).toBe(`${origin}/join#${invited.code}`);
    const otto = await browser().join(new VirtualPasskey({ origin }), invited.code);
    expect(otto.json()).toMatchObject({ member: { name: 'Otto', roles: ['operator'] }, permissions: { 'run.start': 'all' } });
    expect((await browser().post('/v1/join/options', { code: invited.code })).statusCode).toBe(401);
  });
  it('cannot be used as a bootstrap code, nor after its end, nor by an answer to another question', async () => {
    const { admin, browser, clock } = await withAdmin();
    const { code } = (await admin.post('/v1/invitations', { name: 'Otto', roles: ['operator'], expiresInHours: 1 })).json();
    expect((await browser().post('/v1/bootstrap/options', { code, name: 'Otto' })).statusCode).toBe(401);
    const asked = (await browser().post('/v1/join/options', { code })).json();
    expect((await browser().post('/v1/bootstrap', new VirtualPasskey({ origin }).register(asked))).statusCode).toBe(401);
    clock.at += 3_600_000;
    expect((await browser().post('/v1/join/options', { code })).statusCode).toBe(401);
  });
  it('names nobody with a line break, a control character or an invisible mark', async () => {
    const { admin, store } = await withAdmin();
    for (const name of ['a\r\nset-cookie: x=1', 'a\u0000b', 'a\u202eb', 'a\u2028b', ' ', 'x'.repeat(101)]) {
      const reply = await admin.post('/v1/invitations', { name, roles: [] });
      expect([reply.statusCode, reply.headers['set-cookie']], JSON.stringify(name)).toEqual([400, undefined]);
    }
    expect(store.lines.filter((line) => line.includes('"invited"'))).toEqual([]);
  });
});

describe('a passkey', () => {
  it('signs in, and the session before it ends: a cookie somebody planted is worth nothing afterwards', async () => {
    const { api, admin, passkey } = await withAdmin();
    const planted = admin.cookie!;
    expect((await admin.signIn(passkey)).json()).toMatchObject({ signedIn: true });
    expect(admin.cookie).not.toBe(planted);
    const stale = new Browser(api, origin);
    stale.cookie = planted;
    expect((await stale.get('/v1/session')).json()).toMatchObject({ signedIn: false });
  });
  it('an answer is heard once: replayed, it opens nothing', async () => {
    const { browser, passkey } = await withAdmin();
    const asked = (await browser().post('/v1/sign-in/passkey/options', {})).json();
    const answer = passkey.assert(asked);
    expect((await browser().post('/v1/sign-in/passkey', answer)).statusCode).toBe(200);
    expect((await browser().post('/v1/sign-in/passkey', answer)).json()).toMatchObject({ status: 401 });
  });
  it('is refused late, uncounted, unverified, unknown and from another site, each on record and each with the same words', async () => {
    const { browser, passkey, clock, store } = await withAdmin();
    const ask = async () => (await browser().post('/v1/sign-in/passkey/options', {})).json();
    const late = passkey.assert(await ask());
    clock.at += 5 * 60_000;
    const cloned = async () => {
      passkey.counter -= 1;
      return passkey.assert(await ask());
    };
    expect((await browser().post('/v1/sign-in/passkey', passkey.assert(await ask()))).statusCode).toBe(200);
    const stranger = new VirtualPasskey({ origin });
    const tries = [late, await cloned(), stranger.assert(await ask()), passkey.assert({ ...(await ask()), rpId: 'evil.example.test' })];
    const details = new Set<string>();
    const before = store.lines.length;
    for (const answer of tries) {
      const reply = await browser().post('/v1/sign-in/passkey', answer);
      expect(reply.statusCode).toBe(401);
      if (answer !== late) details.add(reply.json().detail);
    }
    expect(details.size).toBe(1);
    expect(store.lines.slice(before).filter((line) => line.includes('"sign-in-refused"'))).toHaveLength(tries.length);
  });
  it('without user verification makes no member', async () => {
    const { browser, access } = house();
    const code = (await access.bootstrapCode())!;
    const touched = new VirtualPasskey({ origin, verified: false });
    expect((await browser().bootstrap(touched, code, 'Ada')).statusCode).toBe(401);
    const elsewhere = new VirtualPasskey({ origin: 'https://evil.example.test' });
    expect((await browser().bootstrap(elsewhere, code, 'Ada')).statusCode).toBe(401);
    expect((await browser().bootstrap(new VirtualPasskey({ origin }), code, 'Ada')).statusCode).toBe(200);
  });
  it('one more is added only after a fresh one, by its own member; the only one is never removed', async () => {
    const set = await withAdmin();
    const { admin, passkey, clock } = set;
    const second = new VirtualPasskey({ origin });
    const other = await member(set, 'otto', ['viewer']);
    const asked = (await admin.post('/v1/passkeys/options', {})).json();
    expect((await other.browser.post('/v1/passkeys', { ...second.register(asked), name: 'mine now' })).statusCode).toBe(403);
    clock.at += 5 * 60_000;
    expect((await admin.post('/v1/passkeys/options', {})).json()).toMatchObject({ code: 'passkey-needed', status: 403 });
    await admin.signIn(passkey);
    const fresh = (await admin.post('/v1/passkeys/options', {})).json();
    expect((await admin.post('/v1/passkeys', { ...second.register(fresh), name: 'phone' })).statusCode).toBe(201);
    const held = (await admin.get('/v1/passkeys')).json().items as { id: string; name: string }[];
    expect(held.map((p) => p.name)).toEqual(['first passkey', 'phone']);
    await other.browser.signIn(other.passkey);
    expect((await other.browser.post(`/v1/passkeys/${held[0]!.id}/remove`, {})).statusCode).toBe(404);
    expect((await admin.post(`/v1/passkeys/${held[0]!.id}/remove`, {})).statusCode).toBe(200);
    expect((await admin.post(`/v1/passkeys/${held[1]!.id}/remove`, {})).json()).toMatchObject({ code: 'conflict' });
    expect((await admin.signIn(passkey)).statusCode).toBe(401);
    expect((await admin.signIn(second)).statusCode).toBe(200);
  });
});

describe('a session', () => {
  it('ends an hour after its last use and twelve after its first, whatever the cookie says', async () => {
    const { admin, clock } = await withAdmin();
    for (let minutes = 0; minutes < 12 * 60 - 50; minutes += 50) {
      clock.at += 50 * 60_000;
      expect((await admin.get('/v1/session')).json(), `${minutes}`).toMatchObject({ signedIn: true });
    }
    clock.at += 50 * 60_000;
    expect((await admin.get('/v1/session')).json()).toMatchObject({ signedIn: false });
    const idle = await withAdmin();
    idle.clock.at += 60 * 60_000;
    expect((await idle.admin.get('/v1/members')).json()).toMatchObject({ status: 401 });
  });
  it('ends when its member signs out, is disabled or has expired, and roles hold from the next request on', async () => {
    const set = await withAdmin();
    const { admin, clock } = set;
    const otto = await member(set, 'otto', ['operator']);
    expect((await otto.browser.get('/v1/members')).statusCode).toBe(403);
    await admin.post(`/v1/members/${otto.id}`, { roles: ['auditor'] });
    expect((await otto.browser.get('/v1/members')).statusCode).toBe(200);
    expect((await admin.post(`/v1/members/${otto.id}`, { disabled: true })).json()).toMatchObject({ disabled: true });
    expect((await otto.browser.get('/v1/members')).statusCode).toBe(401);
    expect((await otto.browser.signIn(otto.passkey)).json()).toMatchObject({ status: 401, code: 'not-signed-in' });
    await admin.post(`/v1/members/${otto.id}`, { disabled: false, expiresAt: new Date(clock.at + 60_000).toISOString() });
    expect((await otto.browser.signIn(otto.passkey)).statusCode).toBe(200);
    clock.at += 60_000;
    expect((await otto.browser.get('/v1/members')).statusCode).toBe(401);
    const out = await admin.post('/v1/sign-out', {});
    expect(out.headers['set-cookie']).toContain('Max-Age=0');
    expect((await admin.get('/v1/members')).statusCode).toBe(401);
  });
  it('is seen and revoked by its owner and by whoever manages members, by nobody else', async () => {
    const set = await withAdmin();
    const { admin, api } = set;
    const otto = await member(set, 'otto', ['operator']);
    const phone = new Browser(api, origin);
    await phone.signIn(otto.passkey);
    const list = (await otto.browser.get('/v1/sessions')).json().items as { id: string; current: boolean }[];
    expect(list.map((s) => s.current).sort()).toEqual([false, true]);
    const other = list.find((s) => !s.current)!.id;
    const eve = await member(set, 'eve', ['operator']);
    expect((await eve.browser.get(`/v1/sessions?member=${otto.id}`)).statusCode).toBe(403);
    expect((await eve.browser.post(`/v1/sessions/${other}/revoke`, {})).statusCode).toBe(404);
    expect((await otto.browser.post(`/v1/sessions/${other}/revoke`, {})).statusCode).toBe(200);
    expect((await phone.get('/v1/session')).json()).toMatchObject({ signedIn: false });
    const rest = (await admin.get(`/v1/sessions?member=${otto.id}`)).json().items as { id: string }[];
    await admin.post(`/v1/sessions/${rest[0]!.id}/revoke`, {});
    expect((await otto.browser.get('/v1/session')).json()).toMatchObject({ signedIn: false });
  });
  it('changes nothing for a request that its own page did not make', async () => {
    const { admin, api, store } = await withAdmin();
    const cookie = `__Host-rekey=${admin.cookie}`;
    const csrf = admin.csrf!;
    const payload = { name: 'Eve', roles: ['administrator'] };
    const tries: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example.test', 'x-rekey-csrf': csrf },
      { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.test', 'x-rekey-csrf': csrf },
      { origin: 'https://evil.example.test', 'x-rekey-csrf': csrf },
      { origin: 'null', 'x-rekey-csrf': csrf },
      { 'sec-fetch-site': 'none', 'x-rekey-csrf': csrf },
      { 'x-rekey-csrf': csrf },
      { 'sec-fetch-site': 'same-origin', origin },
      { 'sec-fetch-site': 'same-origin', origin, 'x-rekey-csrf': 'x'.repeat(43) },
    ];
    const before = store.lines.length;
    for (const headers of tries) {
      const reply = await api.inject({ method: 'POST', url: '/v1/members', headers: { cookie, ...headers }, payload });
      expect(reply.json(), JSON.stringify(headers)).toMatchObject({ status: 403, code: 'not-permitted' });
    }
    const form = await api.inject({
      method: 'POST',
      url: '/v1/sign-out',
      headers: { cookie, 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'a=b',
    });
    expect(form.statusCode).toBe(403);
    expect(store.lines).toHaveLength(before);
    expect((await admin.post('/v1/members', { ...payload, name: 'Eva' })).statusCode).toBe(201);
  });
});

describe('roles', () => {
  it('nobody takes the last administrator away, themselves included', async () => {
    const set = await withAdmin();
    const { admin } = set;
    const me = (await admin.get('/v1/session')).json().member.id;
    const otto = await member(set, 'otto', ['administrator']);
    expect((await admin.post(`/v1/members/${me}`, { roles: [] })).statusCode).toBe(200);
    await otto.browser.signIn(otto.passkey);
    expect((await otto.browser.post(`/v1/members/${otto.id}`, { disabled: true })).json()).toMatchObject({ code: 'conflict' });
  });
  it('are changed only with a fresh passkey, and each change is on record with who, whom, from and to', async () => {
    const set = await withAdmin();
    const { admin, clock, passkey, store } = set;
    const otto = await member(set, 'otto', ['viewer']);
    clock.at += 5 * 60_000;
    expect((await admin.post(`/v1/members/${otto.id}`, { roles: ['operator'] })).json()).toMatchObject({ code: 'passkey-needed' });
    await admin.signIn(passkey);
    await admin.post(`/v1/members/${otto.id}`, { roles: ['operator'] });
    expect(JSON.parse(store.lines.at(-1)!)).toMatchObject({
      kind: 'access',
      event: 'member-changed',
      by: 'Ada',
      member: otto.id,
      from: ['viewer'],
      roles: ['operator'],
    });
    const page = (await admin.get('/v1/audit?limit=2')).json();
    expect(page.items.map((e: { event: string }) => e.event)).toEqual(['member-changed', 'sign-in']);
    expect((await admin.get(`/v1/audit?limit=2&cursor=${page.cursor}`)).json().items[0].event).toBe('sign-in');
    expect((await otto.browser.get('/v1/audit')).statusCode).toBe(403);
  });
});

describe('a token', () => {
  async function tokened(permissions: readonly string[] = ['run.read'], roles: readonly string[] = ['operator']) {
    const set = await withAdmin();
    const otto = await member(set, 'otto', roles);
    const made = await otto.browser.post('/v1/tokens', { name: 'ci', permissions, expiresInDays: 1 });
    const token = made.json();
    const use = (url: string, method: 'GET' | 'POST' = 'GET', payload?: object, secret = token.token as string) =>
      set.api.inject({ method, url, headers: { authorization: `Bearer ${secret}` }, ...(payload === undefined ? {} : { payload }) });
    return { ...set, otto, made, token, use };
  }
  it('opens what it was made for and nothing else, and needs no cookie and no CSRF header', async () => {
    const { made, token, use } = await tokened();
    expect(made.statusCode).toBe(201);
    expect(made.headers['cache-control']).toBe('no-store');
    expect(token.token).toMatch(/^rekey_[\w-]{43}$/);
    expect((await use('/v1/runs')).statusCode).toBe(200);
    expect((await use('/v1/plans')).json()).toMatchObject({ code: 'not-permitted' });
    expect((await use('/v1/runs', 'POST', { plan: 'P-1' })).json()).toMatchObject({ code: 'not-permitted' });
    expect((await use('/v1/tokens', 'POST', { name: 'more', permissions: ['run.read'] })).json()).toMatchObject({ code: 'passkey-needed' });
    expect((await use('/v1/passkeys/options', 'POST', {})).json()).toMatchObject({ code: 'passkey-needed' });
  });
  it('is never shown again, and stands nowhere in the record', async () => {
    const { otto, token, store, admin } = await tokened();
    const seen = JSON.stringify([(await otto.browser.get('/v1/tokens')).json(), (await admin.get('/v1/audit')).json(), store.lines]);
    expect(seen).toContain(token.id);
    expect(seen).not.toContain(token.token.slice(6));
  });
  it('is not made beyond its member, nor for somebody else', async () => {
    const { otto, admin } = await tokened();
    expect((await otto.browser.post('/v1/tokens', { name: 'x', permissions: ['member.manage'] })).json()).toMatchObject({
      code: 'not-permitted',
    });
    expect((await admin.post('/v1/tokens', { name: 'x', permissions: ['run.read'], member: otto.id })).json()).toMatchObject({
      code: 'not-permitted',
    });
  });
  it('loses what its member loses', async () => {
    const { admin, otto, use } = await tokened();
    await admin.post(`/v1/members/${otto.id}`, { roles: ['help-desk'] });
    expect((await use('/v1/runs')).statusCode).toBe(200);
    await admin.post(`/v1/members/${otto.id}`, { roles: [] });
    expect((await use('/v1/runs')).statusCode).toBe(403);
    await admin.post(`/v1/members/${otto.id}`, { roles: ['operator'], disabled: true });
    expect((await use('/v1/runs')).statusCode).toBe(401);
  });
  it('stolen, it opens nothing once revoked or expired; a wrong one is never taken for no token', async () => {
    const { otto, token, use, clock } = await tokened();
    expect(
      (await use('/v1/session', 'GET', undefined, `${token.token.slice(0, -1)}${token.token.endsWith('A') ? 'B' : 'A'}`)).statusCode,
    ).toBe(401);
    clock.at += 86_400_000;
    expect((await use('/v1/runs')).statusCode).toBe(401);
    const fresh = await tokened();
    expect((await fresh.use('/v1/runs')).statusCode).toBe(200);
    expect((await fresh.otto.browser.post(`/v1/tokens/${fresh.token.id}/revoke`, {})).statusCode).toBe(200);
    expect((await fresh.use('/v1/runs')).statusCode).toBe(401);
    expect(otto.id).toMatch(/^M-/);
  });
  it('of somebody else is revoked by an administrator, and by nobody else', async () => {
    const set = await tokened();
    const eve = await member(set, 'eve', ['operator']);
    expect((await eve.browser.post(`/v1/tokens/${set.token.id}/revoke`, {})).statusCode).toBe(404);
    expect((await set.admin.post(`/v1/tokens/${set.token.id}/revoke`, {})).statusCode).toBe(200);
    expect((await set.use('/v1/runs')).statusCode).toBe(401);
  });
});

it('attempts are counted by address, and the one too many is refused before any code is looked at', async () => {
  const { browser, access } = house(3);
  const code = (await access.bootstrapCode())!;
  for (let i = 0; i < 3; i += 1)
    expect((await browser().post('/v1/bootstrap/options', { code: `X${i}`, name: 'Eve' })).statusCode).toBe(401);
  expect((await browser().post('/v1/bootstrap/options', { code, name: 'Ada' })).json()).toMatchObject({ code: 'too-many-requests' });
});
