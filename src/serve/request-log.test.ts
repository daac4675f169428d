// The log says who asked once that is known, and never a name that somebody only typed.
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, expect, it } from 'vitest';
import { FakeServices } from '../../test/cli/fake-services.ts';
import { Browser } from '../../test/harness/browser.ts';
import { MemoryAccess } from '../../test/harness/memory-access.ts';
import { VirtualPasskey } from '../../test/harness/virtual-passkey.ts';
import { houseCaller } from '../access/caller.ts';
import { buildApi } from '../http/api.ts';
import { authenticator } from '../http/authenticate.ts';
import { accessServices } from '../wire/access-services.ts';
import { openLog } from './log.ts';
import { logRequests } from './request-log.ts';

const origin = 'https://rekey.example.test';
let api: FastifyInstance = Fastify();
afterEach(() => api.close());

function house() {
  const lines: string[] = [];
  const log = openLog(
    (line) => lines.push(line),
    (text) => text,
  );
  const access = accessServices({
    store: new MemoryAccess(),
    estate: 'acme',
    demo: false,
    signIn: { passkeys: { origin, rpId: 'rekey.example.test' } },
    clientSecret: async () => undefined,
    attempts: async () => ({ ok: true, retryAfterMs: 0 }),
    now: () => new Date(),
  });
  const before = (fresh: FastifyInstance): void => logRequests(fresh, log);
  api = buildApi({ services: new FakeServices(), access, caller: authenticator(access), version: '1', before });
  const logged = (): { route: string; status: number; caller?: string }[] => lines.map((line) => JSON.parse(line));
  return { access, logged, lines, browser: new Browser(api, origin) };
}

it('a request of a session and of a token names its member, also where it is refused', async () => {
  const { access, browser, logged } = house();
  const { code } = await access.invite(houseCaller('carol'), { name: 'Vera Lind', email: null, identity: null, roles: ['viewer'] });
  const passkey = new VirtualPasskey({ origin });
  const member = (await browser.join(passkey, code)).json().member.id;
  await browser.get('/v1/runs');
  await browser.get('/v1/members');
  const { token } = await access.makeToken(houseCaller('carol'), { name: 'ci', permissions: ['run.read'], expiresInDays: 1, member });
  await api.inject({ url: '/v1/runs', headers: { authorization: `Bearer ${token}` } });
  expect(logged().slice(-3)).toMatchObject([
    { route: '/v1/runs', status: 200, caller: 'Vera Lind' },
    { route: '/v1/members', status: 403, caller: 'Vera Lind' },
    { route: '/v1/runs', status: 200, caller: 'Vera Lind' },
  ]);
});

it('a refused sign-in, code or token leaves no name in the log: people type passwords where a name is asked for', async () => {
  const { access, browser, logged, lines } = house();
  const typed = 'Summer2026!';
  await browser.post('/v1/bootstrap/options', { code: typed, name: typed, email: `${typed}@example.test` });
  await browser.post('/v1/join/options', { code: typed });
  const { challenge, ...asked } = await access.signInOptions({ address: null, agent: null });
  await browser.post('/v1/sign-in/passkey', { ...new VirtualPasskey({ origin }).assert({ ...asked, challenge }), id: typed });
  await api.inject({ url: '/v1/runs', headers: { authorization: `Bearer rekey_${typed}` } });
  expect(logged().map(({ status }) => status >= 400)).toEqual([true, true, true, true]);
  expect(logged().filter((line) => 'caller' in line)).toEqual([]);
  expect(lines.join('')).not.toContain(typed);
});
