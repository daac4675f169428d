// A token endpoint as a way to log in, on a real provider: users by the password grant, clients by their own secret, on every node by
// itself.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LabOidc, startOidc } from '../../lab/oidc-server.ts';
import { startSwallow } from '../../lab/swallow.ts';
import { oidcToken } from '../../src/connectors/oidc-token/oidc-token.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { oidcIo } from './oidc-open.ts';

let lab: LabOidc;
beforeAll(async () => {
  lab = await startOidc({ clients: ['path-client', 'machine'], users: ['alice', 'bob'] });
});
afterAll(() => lab?.stop());

const open = (more: object, client = lab.secrets['path-client'] ?? '') =>
  oidcToken.open(oidcToken.config.parse({ tokenUrl: `${lab.issuer}/token`, ...more }), oidcIo({ CLIENT: client }));
const withClient = { client: { id: 'path-client', secret: { env: 'CLIENT' } } };
const user = (name: string) => ({ system: 'people', id: `id-of-${name}`, name: `${name}@example.test`, login: name });

async function say(
  connection: Awaited<ReturnType<typeof open>>,
  account: ReturnType<typeof user>,
  text: string,
  node = 0,
): Promise<string> {
  const where = (await connection.probe.paths())[node];
  if (where === undefined) throw new Error('no path');
  const { verdict, code } = await connection.probe.attempt(account, secretOf('x', text), where);
  return `${verdict} ${code}`;
}

test('a user logs in with the password it has, and with no other', async () => {
  const connection = await open(withClient);
  const right = lab.users.get('alice')?.password ?? '';
  expect(await say(connection, user('alice'), right)).toBe('accepted 200');
  expect(await say(connection, user('alice'), 'nonsense')).toBe('rejected invalid_grant');
  lab.users.set('alice', { password: 'another-one', state: 'active' });
  expect(await say(connection, user('alice'), right)).toBe('rejected invalid_grant');
});

test('a disabled user is blocked, not rejected, where the provider says so', async () => {
  const bob = lab.users.get('bob')?.password ?? '';
  lab.users.set('bob', { password: bob, state: 'disabled' });
  expect(await say(await open(withClient), user('bob'), bob)).toBe('blocked invalid_grant');
});

test('a wrong secret of our own client says nothing about the password', async () => {
  expect(await say(await open(withClient, 'wrong'), user('alice'), 'another-one')).toBe('indeterminate invalid_client');
});

test('a client is proved by its own secret, and the token it was given is handed back', async () => {
  const connection = await open({ grant: 'client_credentials', revocationUrl: `${lab.issuer}/token/revocation` });
  const before = lab.seen.length;
  expect(await say(connection, user('machine'), lab.secrets.machine ?? '')).toBe('accepted 200');
  expect(lab.seen.slice(before)).toEqual(['POST /token', 'POST /token/revocation']);
  expect(await say(connection, user('machine'), 'nonsense')).toBe('rejected invalid_client');
});

test('every node is proved by itself: one that is down is indeterminate, the others answer', async () => {
  const proxy = await startSwallow({ target: { host: '127.0.0.1', port: lab.port } });
  const connection = await open({ ...withClient, replicas: [`http://127.0.0.1:${proxy.port}/token`] });
  expect((await connection.probe.paths()).map(({ replica }) => replica)).toEqual([`127.0.0.1:${lab.port}`, `127.0.0.1:${proxy.port}`]);
  expect(await say(connection, user('alice'), 'another-one', 1)).toBe('accepted 200');
  await proxy.refuse();
  expect(await say(connection, user('alice'), 'another-one', 1)).toBe('indeterminate ECONNREFUSED');
  expect(await say(connection, user('alice'), 'another-one', 0)).toBe('accepted 200');
  await proxy.stop();
});

test('no password and no client secret is part of an address', () => {
  for (const text of ['another-one', ...Object.values(lab.secrets)]) expect(lab.seen.join('\n')).not.toContain(text);
});
