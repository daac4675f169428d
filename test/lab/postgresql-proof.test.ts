// What the connector lets Rekey prove on a real server and its standby: who accepts what, who lags, which sessions outlive a reset.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountState } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { ceremony } from '../../src/verify/ceremony.ts';
import { stateOn } from '../../src/verify/target-state.ts';
import { type Ground, ground, readAll, readmeSql, value } from './postgresql-ground.ts';

let on: Ground;
let primary: string;
let standby: string;

beforeAll(async () => {
  on = await ground({
    standby: true,
    settings: { track_commit_timestamp: 'on' },
    hba: ['host all open_to_all 127.0.0.1/32 trust', 'host all barred 127.0.0.1/32 reject'],
    roles: [
      'app',
      'lagged',
      'plain',
      'open_to_all',
      'barred',
      'limited',
      'held',
      'kept_out',
      'owner',
      'follower',
      { name: 'boss', attributes: 'SUPERUSER' },
      { name: 'gone', attributes: "VALID UNTIL '2001-01-01'" },
    ],
  });
  [primary = '', standby = ''] = await on.connection.state.replicas();
}, 60_000);
afterAll(() => on?.stop());

describe('a probe', () => {
  test('of an account that accepts anything is caught by the nonsense control', async () => {
    value(await on.connection.setSecret.set(on.ref('open_to_all'), on.secret()));
    expect(await on.say('open_to_all', on.secret('nonsense'))).toContain('accepted 00000');
    const [where] = await on.connection.probe.paths();
    const finding = await ceremony({
      attempt: (_role, secret) => on.connection.probe.attempt(on.ref('open_to_all'), secret, where ?? { path: '', replica: '' }),
      mayFail: async () => true,
      between: () => false,
      fresh: on.secret(),
      nonsense: on.secret('nonsense'),
      olds: [on.first('open_to_all')],
    });
    expect(finding).toMatchObject({ kind: 'failed', why: expect.stringContaining('accepts anything') });
  });

  test('says blocked only for a right password: NOLOGIN is not a refused secret', async () => {
    value(await on.connection.contain.block(on.ref('kept_out')));
    await on.caughtUp();
    expect((await on.say('kept_out', on.first('kept_out')))[0]).toBe('blocked 28000');
    expect((await on.say('kept_out', on.secret('nonsense')))[0]).toBe('rejected 28P01');
    value(await on.connection.contain.unblock(on.ref('kept_out')));
    expect((await on.say('kept_out', on.first('kept_out')))[0]).toBe('accepted 00000');
  });

  test('past a connection limit, without the database, or without the right to it still tells a right password from a wrong one', async () => {
    for (const sql of ['ALTER ROLE limited CONNECTION LIMIT 0', 'CREATE DATABASE closed', 'REVOKE CONNECT ON DATABASE closed FROM public'])
      await on.lab.sql(sql);
    expect((await on.say('limited', on.first('limited')))[0]).toBe('accepted 53300');
    expect((await on.say('limited', on.secret('nonsense')))[0]).toBe('rejected 28P01');
    await using nowhere = await on.open({ database: 'no_such_database' });
    await using closed = await on.open({ database: 'closed' });
    expect((await on.say('app', on.first('app'), nowhere))[0]).toBe('accepted 3D000');
    expect((await on.say('app', on.secret('nonsense'), nowhere))[0]).toBe('rejected 28P01');
    expect((await on.say('app', on.first('app'), closed))[0]).toBe('accepted 42501');
  });

  test('answered before the password is looked at is indeterminate: a pg_hba.conf refusal, a closed port, a missing path, an empty secret', async () => {
    expect((await on.say('barred', on.first('barred')))[0]).toBe('indeterminate 28000');
    await using wrongPort = await on.open({ replicas: [], port: 1 });
    expect(await on.say('app', on.first('app'), wrongPort)).toEqual(['indeterminate ECONNREFUSED']);
    const { attempt } = on.connection.probe;
    expect((await attempt(on.ref('app'), secretOf('empty', ''), { path: 'login', replica: primary })).verdict).toBe('indeterminate');
    expect((await attempt(on.ref('app'), on.first('app'), { path: 'login', replica: 'elsewhere:5432' })).verdict).toBe('indeterminate');
  });

  test('cannot tell a missing or an expired role from a wrong password, and the state can', async () => {
    const missing = { system: 'lab-pg', id: '4000000', name: 'nobody_at_all' };
    expect((await on.connection.probe.attempt(missing, on.secret(), { path: 'login', replica: primary })).code).toBe('28P01');
    expect(await on.connection.state.read(missing, primary)).toMatchObject({ kind: 'refused', fault: { code: 'not-found' } });
    expect((await on.say('gone', on.first('gone')))[0]).toBe('rejected 28P01');
    expect(value(await on.connection.state.read(on.ref('gone'), primary)).usable).toBe(false);
    expect(value(await on.connection.state.read(on.ref('app'), primary)).usable).toBe(true);
  });

  test('takes nothing from the environment of the process: a PGPASSWORD that is right makes no wrong secret right', async () => {
    process.env.PGPASSWORD = on.lab.secrets.app;
    process.env.PGOPTIONS = '-c role=nobody';
    try {
      expect((await on.say('app', on.secret('nonsense')))[0]).toBe('rejected 28P01');
      expect((await on.say('app', on.first('app')))[0]).toBe('accepted 00000');
    } finally {
      delete process.env.PGPASSWORD;
      delete process.env.PGOPTIONS;
    }
  });
});

describe('a standby', () => {
  test('that has not replayed honours the old secret, and its state says it is behind, with or without the view', async () => {
    for (const view of [false, true]) {
      if (view) {
        await on.lab.sql(readmeSql());
        await on.caughtUp();
      }
      await using connection = await on.open();
      const old = view ? on.secret() : on.first('lagged');
      if (view) value(await connection.setSecret.set(on.ref('lagged'), old));
      await on.caughtUp();
      const fresh = on.secret();
      await on.lab.standby?.pauseReplay();
      // Dates of the server have to differ by more than the grain of a second that verification allows.
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      const [{ at } = { at: null }] = await on.lab.sql('SELECT now() AS at');
      const found = (replica: string, written?: AccountState) =>
        stateOn(connection, on.ref('lagged'), { replica, appliedAt: at as Date, primary: written, read: (call) => call() });
      value(await connection.setSecret.set(on.ref('lagged'), fresh));
      expect(await on.say('lagged', old, connection), `view ${view}`).toEqual(['rejected 28P01', 'accepted 00000']);
      const first = await found(primary);
      expect(first.kind).toBe(view ? 'changed' : 'unreadable');
      const written = first.kind === 'changed' ? first.state : undefined;
      // By its own dates, and by its marker where both can be read.
      expect((await found(standby)).kind, `view ${view}`).toBe('lagging');
      expect((await found(standby, written)).kind, `view ${view}`).toBe('lagging');
      await on.lab.standby?.resumeReplay();
      expect((await found(standby, written)).kind).toBe(view ? 'changed' : 'unreadable');
      expect(await on.say('lagged', old, connection)).toEqual(['rejected 28P01', 'rejected 28P01']);
      expect(await on.say('lagged', fresh, connection)).toEqual(['accepted 00000', 'accepted 00000']);
    }
  });

  test('declared as replica but with roles of its own is refused, not taken for the same system', async () => {
    await using connection = await on.open({ replicas: [{ host: 'localhost', port: on.lab.port }] });
    expect(await connection.state.read(on.ref('app'), `localhost:${on.lab.port}`)).toMatchObject({
      kind: 'refused',
      fault: { code: 'protocol' },
    });
  });
});

describe("the server's own record", () => {
  test('differs after every change of the secret and at nothing else, and never holds the verifier', async () => {
    await using connection = await on.open();
    const read = async () => value(await connection.state.read(on.ref('plain'), primary));
    const first = await read();
    value(await connection.contain.block(on.ref('plain')));
    expect((await read()).marker).toBe(first.marker);
    expect((await read()).usable).toBe(false);
    value(await connection.contain.unblock(on.ref('plain')));
    const secret = on.secret();
    value(await connection.setSecret.set(on.ref('plain'), secret));
    const second = await read();
    value(await connection.setSecret.set(on.ref('plain'), secret));
    const markers = [first.marker, second.marker, (await read()).marker];
    expect(new Set(markers).size).toBe(3);
    expect(second).toMatchObject({ values: 1, usable: true });
    expect(second.changedAt?.getTime()).toBeGreaterThanOrEqual((first.changedAt as Date).getTime());
    const [row] = await on.lab.sql(`SELECT rolpassword FROM pg_authid WHERE rolname = 'plain'`);
    const shown = JSON.stringify([await readAll(connection), markers]);
    for (const part of String(row?.rolpassword)
      .split(/[$:]/)
      .filter((text) => text.length > 20))
      expect(shown).not.toContain(part);
  });

  test('keeps a blocked role in the inventory, with the kind of its verifier', async () => {
    await using connection = await on.open();
    value(await connection.contain.block(on.ref('plain')));
    const found = (await readAll(connection)).find(({ name }) => name === 'plain');
    expect(found).toMatchObject({ enabled: false, facts: { verifier: 'scram-sha-256' } });
    value(await connection.contain.unblock(on.ref('plain')));
  });

  test('shows what else holds a password or unfinished work under the role', async () => {
    await on.lab.sql(`CREATE FOREIGN DATA WRAPPER dummy; CREATE SERVER far FOREIGN DATA WRAPPER dummy;
      CREATE USER MAPPING FOR owner SERVER far OPTIONS (user 'x', password 'mapped-secret')`);
    const client = await on.session('owner', on.lab.secrets.owner ?? '');
    await client.query(`BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION 'left-open'`);
    await client.end();
    const found = (await readAll(on.connection)).find(({ name }) => name === 'owner');
    expect(found?.facts).toMatchObject({ userMappings: ['far'], preparedTransactions: 1 });
    expect(JSON.stringify(found)).not.toContain('mapped-secret');
    await on.lab.sql(`ROLLBACK PREPARED 'left-open'`);
  });
});

describe('sessions', () => {
  test('opened before a reset survive it, are seen and ended on both servers; one opened after it stays', async () => {
    const account = on.ref('held');
    const password = on.lab.secrets.held ?? '';
    const old = [
      await on.session('held', password),
      // Whoever holds the old secret may call his session anything.
      await on.session('held', password, { application_name: 'rekey-probe' }),
      await on.session('held', password, { port: on.lab.standby?.port ?? 0 }),
    ];
    const fresh = on.secret();
    value(await on.connection.setSecret.set(account, fresh));
    await on.caughtUp();
    for (const client of old) expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    const [{ now } = { now: null }] = await on.lab.sql('SELECT clock_timestamp() AS now');
    const after = await fresh.text((text) => on.session('held', text));
    expect(value(await on.connection.sessions.list(account))).toHaveLength(4);
    const before = new Date((now as Date).getTime() + 1);
    expect(value(await on.connection.sessions.end(account, before))).toEqual({ ended: 3, left: 0 });
    for (const client of old) expect(await client.lost).toMatch(/terminat/i);
    const left = value(await on.connection.sessions.list(account));
    expect(left).toHaveLength(1);
    expect(left[0]).toMatchObject({ own: false, from: '127.0.0.1 (workload)' });
    expect((await after.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    expect(value(await on.connection.sessions.end(account, before))).toEqual({ ended: 0, left: 0 });
    await after.end();
  });

  test('of our own statements are marked and spared; those of another process under our role are ended', async () => {
    await on.caughtUp();
    const rekey = { system: 'lab-pg', id: on.ref('rekey').id, name: 'rekey' };
    const stranger = await on.session('rekey', on.lab.rekey.password);
    const listed = value(await on.connection.sessions.list(rekey));
    expect(listed.filter(({ own }) => own).length).toBeGreaterThan(0);
    expect(listed.filter(({ own, from }) => !own && from.includes('workload'))).toHaveLength(1);
    const ended = value(await on.connection.sessions.end(rekey, new Date(Date.now() + 60_000)));
    expect(ended.left).toBe(0);
    expect(await stranger.lost).toMatch(/terminat/i);
    value(await on.connection.sessions.list(rekey));
  });

  test('of a superuser are not ours to end: refused as a matter of rights, and the session lives', async () => {
    const boss = await on.session('boss', on.lab.secrets.boss ?? '');
    expect(await on.connection.sessions.end(on.ref('boss'), new Date(Date.now() + 60_000))).toMatchObject({
      kind: 'refused',
      fault: { code: 'permission' },
    });
    expect((await boss.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    await boss.end();
  });

  test('survive NOLOGIN, and the role Rekey runs as is never blocked', async () => {
    const client = await on.session('follower', on.lab.secrets.follower ?? '');
    value(await on.connection.contain.block(on.ref('follower')));
    expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    await client.end();
    expect(await on.connection.contain.block(on.ref('rekey'))).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
  });
});
