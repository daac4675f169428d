// An open event stream ends within a look of the moment its reader may no longer read it, and a look is no use of the session.
import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeServices } from '../../test/cli/fake-services.ts';
import { Browser } from '../../test/harness/browser.ts';
import { MemoryAccess } from '../../test/harness/memory-access.ts';
import { VirtualPasskey } from '../../test/harness/virtual-passkey.ts';
import { houseCaller } from '../access/caller.ts';
import type { Role } from '../access/rights.ts';
import { accessServices } from '../wire/access-services.ts';
import { buildApi } from './api.ts';
import { authenticator } from './authenticate.ts';
import type { Services } from './services.ts';

const origin = 'https://rekey.example.test';
const hour = 3_600_000;
const house = houseCaller('carol');
const apis: FastifyInstance[] = [];
afterEach(async () => {
  for (const api of apis.splice(0)) await api.close();
});

/** A member who reads runs, in a browser and with a token, at a server that asks again every few milliseconds. */
async function reader(roles: readonly Role[] = ['viewer']) {
  const clock = { at: Date.parse('2026-11-21T09:00:00Z') };
  const access = accessServices({
    store: new MemoryAccess(),
    estate: 'acme',
    demo: false,
    signIn: { passkeys: { origin, rpId: 'rekey.example.test' } },
    clientSecret: async () => undefined,
    attempts: async () => ({ ok: true, retryAfterMs: 0 }),
    now: () => new Date(clock.at),
  });
  const looks = { session: 0 };
  const changes: Services['changes'] = { position: async () => '0', between: async () => [], ownOf: async () => [] };
  const services = Object.assign(new FakeServices(), { changes }) as Services;
  const counted = {
    ...access,
    sessionOf: (secret: string, how?: 'asks' | 'stays') => {
      if (how === 'stays') looks.session++;
      return access.sessionOf(secret, how);
    },
  };
  const api = buildApi({ services, access, caller: authenticator(counted), version: '1', askAgainMs: 20 });
  apis.push(api);
  const { code } = await access.invite(house, { name: 'vera', email: 'vera@example.test', identity: null, roles });
  const browser = new Browser(api, origin);
  await browser.join(new VirtualPasskey({ origin }), code);
  const { member } = (await browser.get('/v1/session')).json();
  const made = await access.makeToken(house, { name: 'watch', permissions: ['run.read'], expiresInDays: 1, member: member.id });
  const plan = (await services.createPlan(house, { where: 'all', reason: 'leak' })).id;
  const run = await services.startRun(house, plan);
  await services.pause(house, run.id, 'it is to stay as it is');
  const stream = async (url: string, headers: Record<string, string>): Promise<Readable> => {
    const reply = await api.inject({ url, headers, payloadAsStream: true });
    expect(reply.statusCode).toBe(200);
    return reply.stream().resume();
  };
  const cookie = { cookie: `__Host-rekey=${browser.cookie}` };
  return {
    access,
    clock,
    looks,
    browser,
    member: member.id as string,
    token: made.id,
    session: (await access.sessions(house, member.id))[0]!.id,
    byCookie: (url = '/v1/events') => stream(url, cookie),
    byToken: (url = '/v1/events') => stream(url, { authorization: `Bearer ${made.token}` }),
    run: `/v1/runs/${run.id}/events`,
  };
}
type Reader = Awaited<ReturnType<typeof reader>>;
const ended = (stream: Readable): Promise<void> =>
  vi.waitUntil(() => stream.readableEnded, { timeout: 10_000, interval: 5 }).then(() => {});

describe('a stream in a browser ends', () => {
  it.each<[string, (set: Reader) => unknown]>([
    ['when its session is revoked', ({ access, session }) => access.revokeSession(house, session)],
    ['when its person signs out in another tab', ({ browser }) => browser.post('/v1/sign-out', {})],
    ['when its member is disabled', ({ access, member }) => access.changeMember(house, member, { disabled: true })],
    ['when its member may no longer read runs', ({ access, member }) => access.changeMember(house, member, { roles: [] })],
    [
      'when its member may read only their own from now on',
      ({ access, member }) => access.changeMember(house, member, { roles: ['owner'] }),
    ],
    [
      'when its member becomes another identity',
      ({ access, member }) => access.changeMember(house, member, { identity: 'eve@example.test' }),
    ],
    ['when its session has idled for an hour, whatever is open', ({ clock }) => (clock.at += hour)],
  ])('%s', async (_, take) => {
    const set = await reader();
    const streams = [await set.byCookie(), await set.byCookie(set.run)];
    await vi.waitUntil(() => set.looks.session > 1);
    expect(streams.map((s) => s.readableEnded)).toEqual([false, false]);
    await take(set);
    await Promise.all(streams.map(ended));
  });
});

describe('a stream of a program ends', () => {
  it.each<[string, (set: Reader) => unknown]>([
    ['when its token is revoked', ({ access, token }) => access.revokeToken(house, token)],
    ['when its token expires', ({ clock }) => (clock.at += 24 * hour)],
    ['when its member is disabled', ({ access, member }) => access.changeMember(house, member, { disabled: true })],
    ['when its member loses what the token was made for', ({ access, member }) => access.changeMember(house, member, { roles: [] })],
  ])('%s', async (_, take) => {
    const set = await reader();
    const streams = [await set.byToken(), await set.byToken(set.run)];
    await take(set);
    await Promise.all(streams.map(ended));
  });
});

it('whoever still may goes on: a change of other rights ends nothing', async () => {
  const set = await reader();
  const stream = await set.byCookie();
  await set.access.changeMember(house, set.member, { roles: ['viewer', 'operator'] });
  const before = set.looks.session;
  await vi.waitUntil(() => set.looks.session > before + 3);
  expect(stream.readableEnded).toBe(false);
});

it('one look answers for all that one browser has open', async () => {
  const set = await reader();
  await Promise.all([set.byCookie(), set.byCookie(), set.byCookie(set.run)]);
  const since = performance.now();
  await vi.waitUntil(() => set.looks.session >= 5);
  const rounds = (performance.now() - since) / 20;
  expect(set.looks.session).toBeLessThanOrEqual(rounds + 2);
});
