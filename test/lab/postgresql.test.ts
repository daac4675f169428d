// The PostgreSQL connector against a real server and a real standby: what is found, and what a reset changes and leaves alone.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sleep } from '../../lab/process.ts';
import type { Outcome } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { type Ground, ground, readAll, value } from './postgresql-ground.ts';

const hostile = [
  'two words',
  'quo"te',
  "apo'strophe",
  'back\\slash',
  'x"; ALTER ROLE victim PASSWORD NULL; --',
  "x'); DROP ROLE victim; --",
  '$1',
  'Größe-用户-🔑',
  'N'.repeat(63),
  'UPPER.lower',
];
let on: Ground;

beforeAll(async () => {
  on = await ground({
    standby: true,
    roles: [
      'app',
      'victim',
      'churned',
      'limited',
      { name: 'svc-orders', comment: 'Orders service, owner: Olga@Example.test' },
      { name: 'alice', comment: 'alice@example.test' },
      { name: 'boss', attributes: 'SUPERUSER' },
      { name: 'maker', attributes: 'CREATEROLE' },
      { name: 'gone', attributes: "VALID UNTIL '2001-01-01'" },
      ...hostile,
    ],
  });
  await on.lab.sql('GRANT maker TO limited');
  for (const found of await readAll(on.connection)) on.accounts.set(found.name, found);
}, 60_000);
afterAll(() => on?.stop());

describe('inventory', () => {
  test('every login role is found once, page by page, with what the server says about it', async () => {
    const names = (await readAll(on.connection, 3)).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...names].sort()).toEqual(['postgres', 'rekey', ...Object.keys(on.lab.secrets)].sort());
    expect(on.accounts.get('svc-orders')).toMatchObject({ kind: 'service', owner: 'olga@example.test', enabled: true, privileged: false });
    expect(on.accounts.get('alice')).toMatchObject({ kind: 'human', owner: 'alice@example.test' });
    expect(on.accounts.get('gone')).toMatchObject({ enabled: false });
    for (const name of ['boss', 'maker', 'limited', 'rekey']) expect(on.accounts.get(name)?.privileged, name).toBe(true);
    expect(on.accounts.get('rekey')?.facts).toMatchObject({ own: true });
    expect(on.accounts.get('app')?.facts).toMatchObject({ own: false, verifier: null, memberOf: [], preparedTransactions: 0 });
    expect(on.accounts.get('limited')?.facts).toMatchObject({ memberOf: ['maker'] });
  });

  test('include and exclude globs are applied by the server, and a glob is not a regular expression', async () => {
    await using some = await on.open({ include: ['svc-*', 'app', 'a.ice', '$1'], exclude: ['?pp'] });
    expect((await readAll(some)).map(({ name }) => name).sort()).toEqual(['$1', 'svc-orders']);
  });
});

describe('a reset', () => {
  test('puts the new secret in place of the old on the primary and the standby', async () => {
    const [fresh, old] = [on.secret(), on.first('app')];
    value(await on.connection.setSecret.set(on.ref('app'), fresh));
    await on.caughtUp();
    expect(await on.say('app', fresh)).toEqual(['accepted 00000', 'accepted 00000']);
    expect(await on.say('app', on.secret('nonsense'))).toEqual(['rejected 28P01', 'rejected 28P01']);
    expect(await on.say('app', old)).toEqual(['rejected 28P01', 'rejected 28P01']);
    expect(await on.say('app', fresh)).toEqual(['accepted 00000', 'accepted 00000']);
  });

  test('repeated with the same version is safe', async () => {
    const fresh = on.secret();
    for (let time = 0; time < 3; time++) value(await on.connection.setSecret.set(on.ref('app'), fresh));
    expect((await on.say('app', fresh))[0]).toBe('accepted 00000');
  });

  test('of a role with a hostile name changes that role and no other', async () => {
    const before = await on.lab.sql('SELECT oid::text, rolpassword FROM pg_authid ORDER BY oid');
    for (const name of hostile) {
      const fresh = on.secret();
      value(await on.connection.setSecret.set(on.ref(name), fresh));
      expect((await on.say(name, fresh))[0], name).toBe('accepted 00000');
      value(await on.connection.contain.block(on.ref(name)));
      value(await on.connection.contain.unblock(on.ref(name)));
    }
    const after = await on.lab.sql('SELECT oid::text, rolpassword FROM pg_authid ORDER BY oid');
    const ids = new Set(hostile.map((name) => on.ref(name).id));
    expect(after.map((row) => row.oid)).toEqual(before.map((row) => row.oid));
    for (const [n, row] of after.entries())
      expect(row.rolpassword === before[n]?.rolpassword, String(row.oid)).toBe(!ids.has(String(row.oid)));
  });

  test('follows a renamed role by its oid, and never touches another role that took the name', async () => {
    await on.lab.sql(`CREATE ROLE wanderer LOGIN PASSWORD 'x'`);
    const [{ id } = { id: '' }] = await on.lab.sql(`SELECT oid::text AS id FROM pg_roles WHERE rolname = 'wanderer'`);
    const account = { system: 'lab-pg', id: String(id), name: 'wanderer' };
    await on.lab.sql(`ALTER ROLE wanderer RENAME TO settled; CREATE ROLE wanderer LOGIN PASSWORD 'y'`);
    const verifiers = `SELECT rolname, rolpassword FROM pg_authid WHERE rolname IN ('wanderer', 'settled') ORDER BY 1`;
    const before = await on.lab.sql(verifiers);
    value(await on.connection.setSecret.set(account, on.secret()));
    const after = await on.lab.sql(verifiers);
    expect(after[0]?.rolpassword).not.toBe(before[0]?.rolpassword);
    expect(after[1]).toEqual(before[1]);
    await on.lab.sql('DROP ROLE settled');
    expect(await on.connection.setSecret.set(account, on.secret())).toMatchObject({ kind: 'refused', fault: { code: 'not-found' } });
    expect((await on.lab.sql(verifiers))[0]).toEqual(before[1]);
    await on.lab.sql('DROP ROLE wanderer');
    expect(await on.connection.setSecret.set(account, on.secret())).toMatchObject({ kind: 'refused', fault: { code: 'not-found' } });
  });

  test('that meets another writer on the same role is tried again until it holds', async () => {
    let stop = false;
    const churn = Promise.all(
      [1, 2].map(async () => {
        const client = await on.session('postgres', new URL(on.lab.url).password);
        while (!stop) {
          await client.query('ALTER ROLE churned CONNECTION LIMIT 50').catch(() => {});
          await sleep(Math.random() * 12);
        }
        await client.end();
      }),
    );
    const outcomes: Outcome<void>[] = [];
    // The engine sends a refused conflict again: so does this loop, and every value gets through within it, however busy the machine is.
    for (let n = 0; n < 20; n++) {
      const secret = on.secret();
      for (let tries = 0; tries < 20 && (tries === 0 || outcomes.at(-1)?.kind !== 'done'); tries++)
        outcomes.push(await on.connection.setSecret.set(on.ref('churned'), secret));
      expect(outcomes.at(-1)?.kind).toBe('done');
    }
    const last = on.secret();
    stop = true;
    await churn;
    value(await on.connection.setSecret.set(on.ref('churned'), last));
    expect((await on.say('churned', last))[0]).toBe('accepted 00000');
    // Nothing but "done" or a certain, retryable refusal: never in doubt.
    for (const outcome of outcomes)
      if (outcome.kind !== 'done') expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
    expect(readFileSync(on.lab.logFile, 'utf8')).toContain('tuple concurrently updated');
  });

  test('of a superuser is refused as a matter of rights, and a value outside ASCII before anything is sent', async () => {
    expect(await on.connection.setSecret.set(on.ref('boss'), on.secret())).toMatchObject({
      kind: 'refused',
      fault: { code: 'permission', target: '42501' },
    });
    for (const bad of ['', 'pässwort', 'tab\there', 'nul\0l'])
      expect(await on.connection.setSecret.set(on.ref('app'), secretOf('bad', bad))).toMatchObject({
        kind: 'refused',
        fault: { code: 'policy' },
      });
  });
});
