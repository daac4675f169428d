// Sign-in against a real OpenID provider on loopback: who comes back with what it said is who sets out, and nobody else.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
// @ts-expect-error the package brings no types
import Provider from 'oidc-provider';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FakeServices } from '../../test/cli/fake-services.ts';
import { MemoryAccess } from '../../test/harness/memory-access.ts';
import { buildApi } from '../http/api.ts';
import { authenticator } from '../http/authenticate.ts';
import { accessServices } from '../wire/access-services.ts';
import type { Role } from './rights.ts';

const origin = 'https://rekey.example.test';
const people: Record<string, object> = {
  ada: { email: 'ada@example.test', email_verified: true, groups: ['rekey-operators', 'staff'], name: 'Ada\r\nx-evil: 1' },
  otto: { email: 'otto@example.test', email_verified: true, groups: ['staff'], name: 'Otto' },
  eve: { email: 'otto@example.test', email_verified: false, groups: ['staff'], name: 'Eve' },
};
let server: Server;
let issuer: string;
beforeAll(async () => {
  server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'rekey',
        client_secret: 'not-secret-in-a-test',
        redirect_uris: [`${origin}/v1/sign-in/oidc/callback`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    findAccount: async (_ctx: unknown, sub: string) => ({ accountId: sub, claims: async () => ({ sub, ...people[sub] }) }),
    cookies: { keys: ['a-key-of-a-test'] },
  });
  server.on('request', provider.callback());
});
afterAll(() => new Promise((closed) => server.close(closed)));

function house(roles?: { claim: string; map: Record<string, Role[]> }) {
  const store = new MemoryAccess();
  const access = accessServices({
    store,
    estate: 'acme',
    demo: false,
    signIn: {
      passkeys: { origin, rpId: 'rekey.example.test' },
      oidc: { issuer, clientId: 'rekey', label: 'Acme', scopes: ['profile', 'email'], ...(roles === undefined ? {} : { roles }) },
    },
    clientSecret: async () => 'not-secret-in-a-test',
    attempts: async () => ({ ok: true, retryAfterMs: 0 }),
    now: () => new Date(),
  });
  const unexpected: unknown[] = [];
  const api = buildApi({
    services: new FakeServices(),
    access,
    caller: authenticator(access),
    version: '1',
    report: (e) => unexpected.push(e),
  });
  return { store, access, api, unexpected };
}
const mapped = { claim: 'groups', map: { 'rekey-operators': ['operator'] as Role[] } };

/** Sets out, logs in there as `who` through the provider's own forms, and returns with where it sends the browser and the cookie. */
async function away(api: FastifyInstance, who: string): Promise<{ back: string; cookie: string }> {
  const begun = await api.inject({ url: '/v1/sign-in/oidc' });
  expect(begun.statusCode, begun.body).toBe(302);
  const set = [begun.headers['set-cookie']].flat().find((cookie) => String(cookie).includes('rekey-oidc=')) ?? '';
  expect(set).toMatch(/^__Host-rekey-oidc=[\w-]+; Path=\/; HttpOnly; Secure; Max-Age=600; SameSite=Lax$/);
  const jar = new Map<string, string>();
  let url = String(begun.headers.location);
  expect(new URL(url).searchParams.get('code_challenge_method')).toBe('S256');
  let form: string | undefined;
  for (let hop = 0; hop < 12; hop += 1) {
    if (url.startsWith(origin)) return { back: url.slice(origin.length), cookie: set.split(';', 1)[0] ?? '' };
    const headers = { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') };
    const reply = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
      headers: { ...headers, ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }) },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const cookie of reply.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';', 1);
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const next = reply.headers.get('location');
    if (next !== null) {
      url = new URL(next, url).href;
      form = undefined;
      continue;
    }
    const page = await reply.text();
    url = new URL(/action="([^"]+)"/.exec(page)?.[1] ?? '', url).href;
    form = page.includes('name="login"') ? `prompt=login&login=${who}&password=x` : 'prompt=consent';
  }
  throw new Error(`the provider did not send the browser back from ${url}`);
}
const returned = (api: FastifyInstance, { back, cookie }: { back: string; cookie: string }) =>
  api.inject({ url: back, headers: { cookie } });

it('lets in whom a claim gives roles, takes the roles at the next sign-in, and trusts no control character of a name', async () => {
  const { api, store, unexpected } = house(mapped);
  const reply = await returned(api, await away(api, 'ada'));
  expect(reply.statusCode, reply.body).toBe(200);
  expect(String(reply.headers['set-cookie'])).toContain('__Host-rekey=');
  expect(reply.body).toContain('http-equiv="refresh"');
  const ada = (await store.members.page(undefined, 10))[0]!;
  expect(ada).toMatchObject({ name: 'Adax-evil: 1', email: 'ada@example.test', identity: 'ada@example.test', roles: ['operator'] });
  people.ada = { ...people.ada, groups: ['staff'] };
  expect((await returned(api, await away(api, 'ada'))).statusCode).toBe(200);
  expect(await store.members.get(ada.id)).toMatchObject({ roles: [] });
  expect(unexpected).toEqual([]);
});

it('lets in nobody whom no claim and no member’s verified address names', async () => {
  const { api, store } = house(mapped);
  expect((await returned(api, await away(api, 'otto'))).statusCode).toBe(401);
  expect(await store.members.page(undefined, 10)).toEqual([]);
  expect(store.lines.at(-1)).toContain('"event":"sign-in-refused"');
});

it('knows a member by a verified address, once; an address that the provider did not verify is nobody’s', async () => {
  const { api, access, store } = house();
  const house0 = { name: 'root', custodian: true, identity: null, roles: [], via: 'house' } as const;
  await access.addMember(house0, { name: 'Otto', email: 'otto@example.test', identity: null, roles: ['approver'] });
  expect((await returned(api, await away(api, 'eve'))).statusCode).toBe(401);
  expect((await returned(api, await away(api, 'otto'))).statusCode).toBe(200);
  expect((await store.members.page(undefined, 10))[0]).toMatchObject({ subject: 'otto', issuer, roles: ['approver'] });
});

it('hears an answer once, from the browser that set out, and unchanged', async () => {
  const { api } = house({ claim: 'groups', map: { staff: ['viewer'] } });
  const first = await away(api, 'otto');
  const other = await away(api, 'otto');
  expect((await returned(api, { back: first.back, cookie: other.cookie })).statusCode).toBe(401);
  expect((await api.inject({ url: first.back })).statusCode).toBe(401);
  const changed = new URL(first.back, origin);
  changed.searchParams.set('iss', 'https://evil.example.test');
  expect((await returned(api, { back: `${changed.pathname}${changed.search}`, cookie: first.cookie })).statusCode).toBe(401);
  expect((await returned(api, first)).statusCode).toBe(401);
  expect((await returned(api, other)).statusCode).toBe(200);
  expect((await returned(api, other)).statusCode).toBe(401);
});
