// Redis AUTH as a path on real servers: with users, with a password alone, and where no password is asked for.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { startSwallow } from '../../lab/swallow.ts';
import { config } from '../../src/connectors/redis-auth/config.ts';
import { redisAuth } from '../../src/connectors/redis-auth/redis-auth.ts';
import type { Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { type Ground, ground } from './redis-ground.ts';

let on: Ground;
const shared = 'lab-password-of-the-default-user';
beforeAll(async () => {
  on = await ground({
    users: ['app', { name: 'default', rules: 'on ~* &* +@all', secrets: [shared] }, { name: 'open', rules: 'on nopass', secrets: [] }],
    replica: true,
  });
}, 60_000);
afterAll(() => on?.stop());

async function say(name: string, tried: Secret, more: object = {}): Promise<string[]> {
  const io = {
    system: 'path',
    timeoutMs: 1_000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: () => Promise.reject(new Error('a path has no secret of its own')),
    path: (relative: string) => relative,
  };
  const nodes = [{ host: '127.0.0.1', port: on.second?.port }];
  await using path = await redisAuth.open(config.parse({ host: '127.0.0.1', port: on.lab.port, nodes, ...more }), io);
  const account = { system: 'directory', id: '42', name: `cn=${name}`, login: name };
  const probed = await Promise.all((await path.probe.paths()).map((where) => path.probe.attempt(account, tried, where)));
  return probed.map(({ verdict, code }) => `${verdict} ${code}`);
}

test('the bare login is typed, and each server answers for itself', async () => {
  expect(await say('app', on.first('app'))).toEqual(['accepted OK', 'accepted OK']);
  await on.lab.run('ACL', 'SETUSER', 'app', 'resetpass', '>lab-another-password-of-app');
  expect(await say('app', on.first('app'))).toEqual(['rejected WRONGPASS', 'accepted OK']);
});

test('a password alone opens as the default user', async () => {
  const alone = { passwordOnly: true };
  expect(await say('whoever', secretOf('shared', shared), alone)).toEqual(['accepted OK', 'accepted OK']);
  expect(await say('whoever', secretOf('nonsense', 'nonsense-0123456789'), alone)).toEqual(['rejected WRONGPASS', 'rejected WRONGPASS']);
  await on.lab.run('ACL', 'SETUSER', 'default', 'nopass');
  expect((await say('whoever', secretOf('nonsense', 'nonsense-0123456789'), alone))[0]).toBe('accepted no-password-set');
});

test('a user that takes anything is seen, an empty secret is never sent, a dead or silent server says nothing about a secret', async () => {
  expect(await say('open', secretOf('nonsense', 'nonsense-0123456789'))).toEqual(['accepted OK', 'accepted OK']);
  expect(await say('open', secretOf('empty', ''))).toEqual(['indeterminate empty-secret', 'indeterminate empty-secret']);
  expect((await say('app', on.first('app'), { port: await freePort() }))[0]).toBe('indeterminate ECONNREFUSED');
  const proxy = await startSwallow({ target: { host: '127.0.0.1', port: on.lab.port } });
  proxy.swallowReplies(1, { sees: 'hang' });
  expect((await say('app', on.first('app'), { port: proxy.port }))[0]).toBe('indeterminate ETIMEDOUT');
  proxy.swallowReplies(1, { sees: 'reset' });
  expect((await say('app', on.first('app'), { port: proxy.port }))[0]).toBe('indeterminate ECONNRESET');
  await proxy.stop();
});

test('a server with no connection left turns the probe away before it looked, and says when to ask again', async () => {
  await on.lab.run('CONFIG', 'SET', 'maxclients', '1');
  try {
    const answers = await Promise.all(Array.from({ length: 6 }, () => say('open', secretOf('any', 'nonsense-0123456789'))));
    expect(answers.map(([first]) => first)).toContain('indeterminate max-clients');
  } finally {
    await on.lab.run('CONFIG', 'SET', 'maxclients', '1000');
  }
});
