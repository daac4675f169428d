// SCIM on a real service: values that reach the application's login, services that ignore passwords or pages, and nothing repeated in
// messages.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LabScim, startScim } from '../../lab/scim-server.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { openScim, userRef } from './scim-open.ts';

let lab: LabScim;
beforeAll(async () => {
  lab = await startScim({ users: Array.from({ length: 11 }, (_, n) => `user-${n}`) });
});
afterAll(() => lab?.stop());

test('a reset is proved where people log in: the old password is dead there, the new one works', async () => {
  const connection = await openScim(lab);
  expect((await connection.setSecret.set(userRef(lab, 'user-0'), secretOf('v1', 'a-new-password-1'))).kind).toBe('done');
  expect(await lab.logsIn('user-0', 'a-new-password-1')).toBe('in');
  expect(await lab.logsIn('user-0', lab.first['user-0'] ?? '')).toBe('wrong');
});

test('containment switches the user off and on again, and leaves the password as it is', async () => {
  const connection = await openScim(lab);
  const old = lab.first['user-1'] ?? '';
  expect((await connection.contain.block(userRef(lab, 'user-1'))).kind).toBe('done');
  expect(await lab.logsIn('user-1', old)).toBe('deactivated');
  expect((await connection.contain.unblock(userRef(lab, 'user-1'))).kind).toBe('done');
  expect(await lab.logsIn('user-1', old)).toBe('in');
});

test('a service that takes a password with 200 and forgets it looks like success to SCIM: only the login shows it', async () => {
  const connection = await openScim(lab);
  lab.ignoring = true;
  expect((await connection.setSecret.set(userRef(lab, 'user-2'), secretOf('v1', 'never-stored-12'))).kind).toBe('done');
  lab.ignoring = false;
  expect(await lab.logsIn('user-2', lab.first['user-2'] ?? '')).toBe('in');
  const checks = [];
  for await (const check of connection.check.run()) checks.push(check);
  expect(checks.some(({ message, verdict }) => verdict === 'warn' && message.includes('no login'))).toBe(true);
});

test('a refusal repeats nothing of the value, though the service does', async () => {
  const connection = await openScim(lab);
  const outcome = await connection.setSecret.set(userRef(lab, 'user-3'), secretOf('v1', 'shorty9'));
  expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'policy' } });
  expect(JSON.stringify(outcome)).not.toContain('shorty9');
});

test('a service that ignores pages is read whole, once for each page, and nobody comes twice', async () => {
  const connection = await openScim(lab);
  lab.paging = false;
  const names: string[] = [];
  for (let cursor: string | undefined, turns = 0; turns < 20; turns++) {
    const page = await connection.inventory.page(cursor === undefined ? { limit: 4 } : { cursor, limit: 4 });
    if (page.kind !== 'done') throw new Error(page.fault.message);
    expect(page.value.items.length).toBeLessThanOrEqual(4);
    names.push(...page.value.items.map(({ name }) => name));
    cursor = page.value.next;
    if (cursor === undefined) break;
  }
  lab.paging = true;
  expect(names).toEqual(Array.from({ length: 11 }, (_, n) => `user-${n}`));
});

test('a wrong token is told from a service that is down', async () => {
  const failing = async (io: object, more: object) => {
    const failed = [];
    for await (const check of (await openScim({ ...lab, ...io }, {}, more)).check.run())
      if (check.verdict === 'fail') failed.push(check.id);
    return failed;
  };
  expect(await failing({}, {})).toEqual([]);
  expect(await failing({ token: 'wrong' }, {})).toEqual(['auth']);
  expect(await failing({}, { url: 'http://127.0.0.1:1/scim' })).toEqual(['reach']);
});

test('no password and no token is part of an address', () => {
  for (const text of [lab.token, 'a-new-password-1', ...Object.values(lab.first)]) expect(lab.seen.join('\n')).not.toContain(text);
});

// scimmy keeps its settings for the whole process, so this one comes last.
test('a service that does not say it sets passwords is not asked to, unless the estate file says that it does', async () => {
  await lab.stop();
  lab = await startScim({ users: ['user-0'], changePassword: false });
  const careful = await openScim(lab);
  const value = secretOf('v1', 'a-new-password-2');
  expect(await careful.setSecret.set(userRef(lab, 'user-0'), value)).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
  expect(await lab.logsIn('user-0', lab.first['user-0'] ?? '')).toBe('in');
  const told = await openScim(lab, {}, { assumePassword: true });
  expect((await told.setSecret.set(userRef(lab, 'user-0'), value)).kind).toBe('done');
  expect(await lab.logsIn('user-0', 'a-new-password-2')).toBe('in');
});
