// A server with a password check and a slow refusal: the policy that is read is kept, and many roles are reset at once.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secretOf } from '../../src/seal/secret.ts';
import { type Ground, ground, value } from './postgresql-ground.ts';

const roles = Array.from({ length: 100 }, (_, n) => `bulk-${n}`);
let on: Ground;
beforeAll(async () => {
  // The first secrets of the lab satisfy passwordcheck: letters and digits, more than eight.
  on = await ground({
    roles: ['app', ...roles],
    settings: { shared_preload_libraries: 'passwordcheck,auth_delay', 'auth_delay.milliseconds': '10' },
  });
}, 60_000);
afterAll(() => on?.stop());

test('passwordcheck is read as policy, a shorter value is refused before anything is sent, a verifier passes it', async () => {
  expect(value(await on.connection.passwordPolicy.read())).toEqual({ minLength: 8, classes: 3 });
  expect(await on.connection.setSecret.set(on.ref('app'), secretOf('short', 'aB3-xyz'))).toMatchObject({
    kind: 'refused',
    fault: { code: 'policy' },
  });
  expect((await on.say('app', on.first('app')))[0]).toBe('accepted 00000');
  const fresh = on.secret();
  value(await on.connection.setSecret.set(on.ref('app'), fresh));
  expect((await on.say('app', fresh))[0]).toBe('accepted 00000');
});

test('auth_delay is told and is no lockout', async () => {
  const [where] = await on.connection.probe.paths();
  expect(value(await on.connection.lockout.read(on.ref('app'), where ?? { path: '', replica: '' }))).toMatchObject({ threshold: 0 });
  const messages: string[] = [];
  for await (const check of on.connection.check.run()) messages.push(check.message);
  expect(messages.some((message) => message.includes('auth_delay'))).toBe(true);
  expect(messages.some((message) => message.includes('verifiers pass it'))).toBe(true);
});

test('a hundred roles, eight at a time, all hold their new secret', async () => {
  const secrets = new Map(roles.map((name) => [name, on.secret()]));
  const queue = [...secrets];
  const began = performance.now();
  const work = async (): Promise<void> => {
    for (let each = queue.pop(); each !== undefined; each = queue.pop()) value(await on.connection.setSecret.set(on.ref(each[0]), each[1]));
  };
  await Promise.all(Array.from({ length: 8 }, work));
  process.stdout.write(
    `postgresql: ${Math.round((roles.length / (performance.now() - began)) * 1000)} resets per second at concurrency 8\n`,
  );
  for (const [name, secret] of secrets) expect((await on.say(name, secret))[0], name).toBe('accepted 00000');
});
