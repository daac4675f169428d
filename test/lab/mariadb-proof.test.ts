// What the connector lets Rekey prove on a real MariaDB: which account a login is taken for, what locks and expires, which sessions outlive a reset.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { secretOf } from '../../src/seal/secret.ts';
import { ceremony } from '../../src/verify/ceremony.ts';
import { stateOn } from '../../src/verify/target-state.ts';
import { checksOf, type Ground, ground, readAll, value } from './mariadb-ground.ts';

let on: Ground;
let primary: string;
let replica: string;

beforeAll(async () => {
  on = await ground({
    replica: true,
    settings: { 'plugin-load-add': 'auth_ed25519' },
    accounts: [
      'app@%',
      'narrow@%',
      'narrow@127.0.0.1',
      'narrow@10.0.0.5',
      'shadowed@%',
      'locked@%',
      'lagged@%',
      'held@%',
      'held@10.0.0.5',
      { id: 'edda@%', via: "VIA ed25519 USING PASSWORD('SECRET')" },
      { id: 'stale@%', more: 'PASSWORD EXPIRE' },
      { id: 'busy@%', more: 'WITH MAX_USER_CONNECTIONS 1' },
      { id: 'blank@%', via: "BY ''" },
    ],
  });
  await on.caughtUp();
  [primary = '', replica = ''] = await on.connection.state.replicas();
}, 60_000);
afterAll(() => on?.stop());

describe('a probe', () => {
  test('says blocked only for a right password: ACCOUNT LOCK (4151) and an expired password are not refused secrets', async () => {
    value(await on.connection.contain.block(on.ref('locked@%')));
    await on.caughtUp();
    expect(await on.say('locked@%', on.first('locked@%'))).toEqual(['blocked 4151', 'blocked 4151']);
    expect(await on.say('locked@%', on.secret('nonsense'))).toEqual(['rejected 1045', 'rejected 1045']);
    expect(value(await on.connection.state.read(on.ref('locked@%'), primary)).usable).toBe(false);
    value(await on.connection.contain.unblock(on.ref('locked@%')));
    expect((await on.say('locked@%', on.first('locked@%')))[0]).toBe('accepted 0');
    expect((await on.say('stale@%', on.first('stale@%')))[0]).toMatch(/^blocked 18(20|62)$/);
    expect((await on.say('stale@%', on.secret('nonsense')))[0]).toBe('rejected 1045');
    expect(value(await on.connection.state.read(on.ref('stale@%'), primary)).usable).toBe(false);
    const fresh = on.secret();
    value(await on.connection.setSecret.set(on.ref('stale@%'), fresh));
    expect((await on.say('stale@%', fresh))[0]).toBe('accepted 0');
  });

  test('past a connection limit still tells a right password from a wrong one', async () => {
    const held = await on.session('busy', on.lab.secrets['busy@%'] ?? '');
    expect((await on.say('busy@%', on.first('busy@%')))[0]).toBe('accepted 1226');
    expect((await on.say('busy@%', on.secret('nonsense')))[0]).toBe('rejected 1045');
    held.destroy();
  });

  test('that the server would take for another host of the same user is not made: it would prove the wrong account', async () => {
    expect((await on.say('narrow@127.0.0.1', on.first('narrow@127.0.0.1')))[0]).toBe('accepted 0');
    for (const id of ['narrow@%', 'narrow@10.0.0.5']) {
      const failed = on.lab.sql(`SHOW GLOBAL STATUS LIKE 'Access_denied_errors'`);
      const before = (await failed)[0]?.Value;
      expect(await on.say(id, on.first(id)), id).toEqual(['indeterminate other-account', 'indeterminate other-account']);
      expect((await on.lab.sql(`SHOW GLOBAL STATUS LIKE 'Access_denied_errors'`))[0]?.Value).toBe(before);
    }
  });

  test('behind an anonymous account (the trap: it shadows a named one) is not taken for a refused password, and doctor names it', async () => {
    expect((await on.say('shadowed@%', on.first('shadowed@%')))[0]).toBe('accepted 0');
    await on.lab.sql("CREATE USER ''@'127.0.0.1'");
    try {
      expect((await on.say('shadowed@%', on.first('shadowed@%')))[0]).toBe('indeterminate other-account');
      const checks = await checksOf(on.connection);
      expect(checks.find(({ message }) => message.includes('anonymous'))).toMatchObject({
        verdict: 'warn',
        next: expect.stringContaining('DROP USER'),
      });
    } finally {
      await on.lab.sql("DROP USER ''@'127.0.0.1'");
    }
  });

  test('of an account without a password sends no empty one, finds nonsense refused, and the record shows that none is stored', async () => {
    expect(value(await on.connection.state.read(on.ref('blank@%'), primary)).values).toBe(0);
    expect((await on.say('blank@%', on.secret('nonsense')))[0]).toBe('rejected 1045');
    const { attempt } = on.connection.probe;
    expect((await attempt(on.ref('blank@%'), secretOf('empty', ''), { path: 'login', replica: primary })).verdict).toBe('indeterminate');
    expect((await readAll(on.connection)).find(({ id }) => id === 'blank@%')?.facts).toMatchObject({ emptyPassword: true });
    const fresh = on.secret();
    value(await on.connection.setSecret.set(on.ref('blank@%'), fresh));
    expect((await on.say('blank@%', fresh))[0]).toBe('accepted 0');
    await expect(on.session('blank', '')).rejects.toThrow(/denied/i);
  });

  test('over a socket that lets the system user in (unix_socket) is caught by the nonsense control', async () => {
    await on.lab.sql(
      `ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('${on.lab.rootPassword}')`,
    );
    await using local = await on.open({ host: on.lab.socket, replicas: [] });
    const [where] = await local.probe.paths();
    const finding = await ceremony({
      attempt: (_role, secret) => local.probe.attempt(on.ref('root@localhost'), secret, where ?? { path: '', replica: '' }),
      mayFail: async () => true,
      between: () => false,
      fresh: secretOf('new', on.lab.rootPassword),
      nonsense: on.secret('nonsense'),
      olds: [on.secret('old')],
    });
    expect(finding).toMatchObject({ kind: 'failed', why: expect.stringContaining('accepts anything') });
  });

  test('after max_password_errors wrong passwords is blocked (4150), which is no refusal; the limit is read, the count cannot be', async () => {
    const where = { path: 'login', replica: primary };
    expect(value(await on.connection.lockout.read(on.ref('app@%'), where))).toEqual({ threshold: 0, failures: 0, resetsOnSuccess: true });
    await on.lab.sql('SET GLOBAL max_password_errors = 3');
    try {
      expect(value(await on.connection.lockout.read(on.ref('app@%'), where))).toEqual({
        threshold: 3,
        failures: undefined,
        resetsOnSuccess: true,
      });
      for (let n = 0; n < 2; n++) expect((await on.say('app@%', on.secret('nonsense')))[0]).toBe('rejected 1045');
      expect((await on.say('app@%', on.first('app@%')))[0]).toBe('accepted 0');
      for (let n = 0; n < 3; n++) expect((await on.say('app@%', on.secret('nonsense')))[0]).toBe('rejected 1045');
      expect((await on.say('app@%', on.first('app@%')))[0]).toBe('blocked 4150');
      expect((await on.say('app@%', on.secret('nonsense')))[0]).toBe('blocked 4150');
      expect((await checksOf(on.connection)).some(({ message }) => message.includes('max_password_errors'))).toBe(true);
    } finally {
      await on.lab.sql('SET GLOBAL max_password_errors = 4294967295; FLUSH PRIVILEGES');
    }
    expect((await on.say('app@%', on.first('app@%')))[0]).toBe('accepted 0');
  });
});

describe("the server's own record", () => {
  test('differs after every change of the secret and at nothing else, is dated by the server, and never holds the hash', async () => {
    const read = async () => value(await on.connection.state.read(on.ref('edda@%'), primary));
    const first = await read();
    value(await on.connection.contain.block(on.ref('edda@%')));
    expect(await read()).toMatchObject({ marker: first.marker, usable: false });
    value(await on.connection.contain.unblock(on.ref('edda@%')));
    value(await on.connection.setSecret.set(on.ref('edda@%'), on.secret()));
    const second = await read();
    value(await on.connection.overlap.open(on.ref('edda@%'), on.secret()));
    const third = await read();
    expect(new Set([first.marker, second.marker, third.marker]).size).toBe(3);
    expect([second.values, third.values]).toEqual([1, 2]);
    expect(Math.abs((second.now as Date).getTime() - (second.changedAt as Date).getTime())).toBeLessThan(3_000);
    const [row] = await on.lab.sql(`SELECT CONCAT(Priv) AS priv FROM mysql.global_priv WHERE User = 'edda'`);
    for (const [hash] of String(row?.priv).matchAll(/[A-Za-z0-9+/]{43}/g))
      expect(JSON.stringify([first, second, third])).not.toContain(hash);
  });

  test('of a replica that has not applied the change says so, and the old password opens it until it has', async () => {
    await on.caughtUp();
    await on.lab.replica?.stopApplying();
    const [fresh, old] = [on.secret(), on.first('lagged@%')];
    value(await on.connection.setSecret.set(on.ref('lagged@%'), fresh));
    const appliedAt = value(await (on.connection.state.clock?.(primary) as ReturnType<NonNullable<typeof on.connection.state.clock>>));
    expect(await on.say('lagged@%', old)).toEqual(['rejected 1045', 'accepted 0']);
    const written = value(await on.connection.state.read(on.ref('lagged@%'), primary));
    const found = () => stateOn(on.connection, on.ref('lagged@%'), { replica, appliedAt, primary: written, read: (call) => call() });
    expect((await found()).kind).toBe('lagging');
    expect((await checksOf(on.connection)).find(({ message }) => message.includes('replication has stopped'))?.verdict).toBe('warn');
    await on.caughtUp();
    expect((await found()).kind).toBe('changed');
    expect(await on.say('lagged@%', old)).toEqual(['rejected 1045', 'rejected 1045']);
  });
});

describe('sessions', () => {
  test('opened before a reset survive it and a lock, are ended on both servers, and one opened after it stays', async () => {
    const account = on.ref('held@%');
    const password = on.lab.secrets['held@%'] ?? '';
    await on.caughtUp();
    const old = [await on.session('held', password), await on.session('held', password, { port: on.lab.replica?.port ?? 0 })];
    const fresh = on.secret();
    value(await on.connection.setSecret.set(account, fresh));
    value(await on.connection.contain.block(account));
    await on.caughtUp();
    for (const client of old) expect((await client.query('SELECT 1 AS n'))[0]).toEqual([{ n: 1 }]);
    value(await on.connection.contain.unblock(account));
    const before = value(await (on.connection.state.clock?.(primary) as ReturnType<NonNullable<typeof on.connection.state.clock>>));
    // The mark that follows the write has been made when this is over.
    await new Promise((resolve) => setTimeout(resolve, 400));
    const after = await fresh.text((text) => on.session('held', text));
    expect(value(await on.connection.sessions.list(account))).toHaveLength(3);
    expect(value(await on.connection.sessions.end(account, before))).toEqual({ ended: 2, left: 0 });
    for (const client of old) await expect(client.query('SELECT 1')).rejects.toThrow();
    expect((await after.query('SELECT 1 AS n'))[0]).toEqual([{ n: 1 }]);
    const left = value(await on.connection.sessions.list(account));
    expect(left).toHaveLength(1);
    expect(left[0]).toMatchObject({ own: false, from: '127.0.0.1' });
    expect(left[0]?.startedAt.getTime()).toBeGreaterThanOrEqual(before.getTime());
    after.destroy();
  });

  test('belong to the account their client is taken for: those of one host are not those of another', async () => {
    const fresh = on.secret();
    value(await on.connection.setSecret.set(on.ref('held@%'), fresh));
    const client = await fresh.text((text) => on.session('held', text));
    expect(value(await on.connection.sessions.list(on.ref('held@10.0.0.5')))).toEqual([]);
    expect(value(await on.connection.sessions.list(on.ref('held@%')))).toHaveLength(1);
    client.destroy();
  });

  test('seen for the first time count as old: a process that has just started ends what it cannot date', async () => {
    const password = on.secret();
    value(await on.connection.setSecret.set(on.ref('held@%'), password));
    const client = await password.text((text) => on.session('held', text));
    await using restarted = await on.open();
    const before = new Date(Date.now() - 60_000);
    // The server is younger than a minute or not: what began before nothing is known is given the start of the server.
    const [only] = value(await restarted.sessions.list(on.ref('held@%')));
    expect(only?.startedAt.getTime()).toBeLessThanOrEqual(Date.now());
    expect(
      value(await restarted.sessions.end(on.ref('held@%'), new Date(Math.max(before.getTime(), (only?.startedAt.getTime() ?? 0) + 1)))),
    ).toEqual({
      ended: 1,
      left: 0,
    });
    await expect(client.query('SELECT 1')).rejects.toThrow();
  });

  test('of our own are marked and spared', async () => {
    const listed = value(await on.connection.sessions.list(on.ref('rekey@%')));
    expect(listed.filter(({ own }) => own).length).toBeGreaterThan(0);
    const stranger = await on.session('rekey', on.lab.rekey.password);
    expect(value(await on.connection.sessions.end(on.ref('rekey@%'), new Date(Date.now() + 60_000))).left).toBe(0);
    await expect(stranger.query('SELECT 1')).rejects.toThrow();
    value(await on.connection.sessions.list(on.ref('rekey@%')));
    expect(await on.connection.contain.block(on.ref('rekey@%'))).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
  });
});
