// Every way an answer of MariaDB can be lost or refused, on a real server: what is certain is said, what is not is in doubt, nothing secret is written anywhere.
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import type { Check, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { type Connection, checksOf, type Ground, ground, readAll, value } from './mariadb-ground.ts';

const alter = Buffer.from('ALTER USER');
let on: Ground;
let proxy: Swallow;
let through: Connection;

beforeAll(async () => {
  on = await ground({
    replica: true,
    settings: { 'plugin-load-add': 'auth_ed25519;simple_password_check', 'strict-password-validation': 'OFF' },
    accounts: ['app@%', 'weak@%', { id: 'edda@%', via: "VIA ed25519 USING PASSWORD('SECRET')" }],
  });
  await on.caughtUp();
  proxy = await startSwallow({ target: { host: on.lab.host, port: on.lab.port } });
  through = await on.open({ port: proxy.port, replicas: [] }, { timeoutMs: 1_500 });
}, 60_000);
afterEach(() => proxy.accept());
afterAll(async () => {
  await through?.[Symbol.asyncDispose]();
  await proxy?.stop();
  await on?.stop();
});

const accepted = async (id: string, tried: Secret): Promise<boolean> => (await on.say(id, tried))[0] === 'accepted 0';

describe('an answer that is lost', () => {
  test.each(['close', 'reset', 'hang'] as const)('after the change (%s) is in doubt, and the change is there', async (sees) => {
    const fresh = on.secret();
    const armed = proxy.swallowReplies(alter, { sees });
    expect(await through.setSecret.set(on.ref('app@%'), fresh)).toMatchObject({ kind: 'indeterminate' });
    await armed.answered;
    expect(await accepted('app@%', fresh)).toBe(true);
    value(await through.setSecret.set(on.ref('app@%'), fresh));
    expect(await accepted('app@%', fresh)).toBe(true);
  });

  test('because the request was lost is in doubt too, and the old secret still opens', async () => {
    const [old, fresh] = [on.secret(), on.secret()];
    value(await through.setSecret.set(on.ref('app@%'), old));
    proxy.loseRequests(alter);
    expect(await through.setSecret.set(on.ref('app@%'), fresh)).toMatchObject({ kind: 'indeterminate' });
    expect([await accepted('app@%', fresh), await accepted('app@%', old)]).toEqual([false, true]);
  });

  test('while an overlap was opened or closed is in doubt, and the same call again settles it', async () => {
    const [old, fresh] = [on.secret(), on.secret()];
    value(await through.setSecret.set(on.ref('app@%'), old));
    proxy.swallowReplies(alter);
    expect((await through.overlap.open(on.ref('app@%'), fresh)).kind).toBe('indeterminate');
    value(await through.overlap.open(on.ref('app@%'), fresh));
    expect([await accepted('app@%', fresh), await accepted('app@%', old)]).toEqual([true, true]);
    proxy.swallowReplies(alter);
    expect((await through.overlap.close(on.ref('app@%'), fresh)).kind).toBe('indeterminate');
    value(await through.overlap.close(on.ref('app@%'), fresh));
    expect([await accepted('app@%', fresh), await accepted('app@%', old)]).toEqual([true, false]);
  });
});

describe('what is certainly not done is refused', () => {
  test('no connection, a wrong secret of our own, a stopped run: nothing was sent', async () => {
    await using late = await on.open({ port: proxy.port, replicas: [] }, { timeoutMs: 1_000 });
    await proxy.refuse();
    expect(await late.setSecret.set(on.ref('app@%'), on.secret())).toMatchObject({ kind: 'refused', fault: { code: 'unreachable' } });
    await proxy.accept();
    value(await late.setSecret.set(on.ref('app@%'), on.secret()));
    await using stale = await on.open({}, { resolve: async () => secretOf('own', 'not the one') });
    expect(await stale.setSecret.set(on.ref('app@%'), on.secret())).toMatchObject({
      kind: 'refused',
      fault: { code: 'auth', target: '1045' },
    });
    await using stopped = await on.open({}, { signal: AbortSignal.abort() });
    expect((await stopped.setSecret.set(on.ref('app@%'), on.secret())).kind).toBe('refused');
    expect((await on.say('app@%', on.secret(), stopped))[0]).toBe('indeterminate ABORTED');
  });

  test('a server that was made read-only, and a right that was taken away', async () => {
    await on.lab.sql('SET GLOBAL read_only = ON');
    try {
      expect(await on.connection.setSecret.set(on.ref('app@%'), on.secret())).toMatchObject({ kind: 'refused', fault: { target: '1290' } });
      expect((await checksOf(on.connection)).some(({ message }) => message.includes('read-only'))).toBe(true);
    } finally {
      await on.lab.sql('SET GLOBAL read_only = OFF');
    }
    await on.lab.sql("REVOKE CREATE USER ON *.* FROM rekey@'%'");
    await using less = await on.open();
    expect(await less.setSecret.set(on.ref('app@%'), on.secret())).toMatchObject({
      kind: 'refused',
      fault: { code: 'permission', target: '1227' },
    });
    await on.lab.sql("GRANT CREATE USER ON *.* TO rekey@'%'");
  });
});

describe('simple_password_check', () => {
  test('is read as policy and kept here, because a hash passes it', async () => {
    expect(value(await on.connection.passwordPolicy.read())).toEqual({ minLength: 8, classes: 4 });
    for (const weak of ['aB3-xyz', 'nodigits-HERE', 'nocase-7777', 'NoOther777777'])
      expect(await on.connection.setSecret.set(on.ref('weak@%'), secretOf('weak', weak)), weak).toMatchObject({
        kind: 'refused',
        fault: { code: 'policy' },
      });
    expect(await accepted('weak@%', on.first('weak@%'))).toBe(true);
    value(await on.connection.setSecret.set(on.ref('weak@%'), on.secret()));
  });

  test('with strict validation the server takes no hash (the trap): refused as policy, unchanged, and doctor says what to do', async () => {
    const held = on.secret();
    value(await on.connection.setSecret.set(on.ref('weak@%'), held));
    await on.lab.sql('SET GLOBAL strict_password_validation = ON');
    try {
      await using strict = await on.open();
      for (const outcome of [
        await strict.setSecret.set(on.ref('weak@%'), on.secret()),
        await strict.overlap.open(on.ref('weak@%'), on.secret()),
        // A connection opened before it was turned on.
        await on.connection.setSecret.set(on.ref('weak@%'), on.secret()),
      ])
        expect(outcome).toMatchObject({
          kind: 'refused',
          fault: { code: 'policy', message: expect.stringContaining('strict_password_validation') },
        });
      expect(await accepted('weak@%', held)).toBe(true);
      const failed = (await checksOf(strict)).filter(({ id, verdict }) => id === 'policy' && verdict === 'fail');
      expect(failed).toMatchObject([{ next: expect.stringContaining('strict_password_validation = OFF') }]);
    } finally {
      await on.lab.sql('SET GLOBAL strict_password_validation = OFF');
    }
  });
});

test('after a restart of the server the next call works, and a reset account keeps its new secret', async () => {
  const fresh = on.secret();
  value(await on.connection.setSecret.set(on.ref('app@%'), fresh));
  await on.lab.restart();
  expect(await accepted('app@%', fresh)).toBe(true);
  value(await on.connection.setSecret.set(on.ref('app@%'), on.secret()));
});

test('once Rekey has reset its own account, new connections use the new secret', async () => {
  await using own = await on.open({ replicas: [] });
  value(await own.setSecret.set(on.ref('rekey@%'), on.secret()));
  await on.lab.sql('KILL USER rekey');
  expect((await readAll(own)).length).toBeGreaterThan(3);
  await using late = await on.open();
  expect(await late.inventory.page({ limit: 1 })).toMatchObject({ kind: 'refused', fault: { code: 'auth' } });
  await on.lab.sql(`SET GLOBAL strict_password_validation = OFF; ALTER USER rekey@'%' IDENTIFIED BY '${on.lab.rekey.password}'`);
});

describe('the logs of a server that writes down every statement', () => {
  test('hold no value that was made: not the general log, not the binlog (mariadb-binlog), not the error log, on neither server', async () => {
    for (const id of ['app@%', 'edda@%']) {
      value(await on.connection.setSecret.set(on.ref(id), on.secret()));
      value(await on.connection.overlap.open(on.ref(id), on.secret()));
      value(await on.connection.overlap.close(on.ref(id), on.secret()));
      await on.say(id, on.secret('nonsense'));
    }
    await on.caughtUp();
    const [general, binlog] = [readFileSync(on.lab.generalLog, 'utf8'), await on.lab.binlog()];
    // Both hold our statements: otherwise finding nothing in them would mean nothing.
    for (const log of [general, binlog]) expect(log).toMatch(/ALTER USER 'edda'@'%' IDENTIFIED VIA `ed25519` USING '[^']{43}'/);
    const replica = readFileSync(on.lab.generalLog.replace('/data/', '/replica/'), 'utf8');
    expect(on.made.length).toBeGreaterThan(20);
    for (const made of on.made)
      for (const log of [general, binlog, replica, readFileSync(on.lab.logFile, 'utf8')]) expect(log.includes(made)).toBe(false);
  });

  test('hold no hash in the general log either, where Rekey may switch its own logging off (SUPER)', async () => {
    await on.lab.sql("GRANT SUPER ON *.* TO rekey@'%'");
    const from = readFileSync(on.lab.generalLog, 'utf8').length;
    await using quiet = await on.open({ replicas: [] });
    value(await quiet.setSecret.set(on.ref('app@%'), on.secret()));
    const since = readFileSync(on.lab.generalLog, 'utf8').slice(from);
    expect(since).toContain('sql_log_off');
    expect(since).not.toContain('ALTER USER');
    await on.lab.sql("REVOKE SUPER ON *.* FROM rekey@'%'");
  });
});

describe('doctor', () => {
  const short = (checks: Check[]) => checks.map(({ id, verdict }) => `${id} ${verdict}`);
  const failing = (checks: Check[]) => checks.filter(({ verdict }) => verdict === 'fail').map(({ id, message }) => `${id}: ${message}`);

  test('passes a least-privilege account and its replica, and every warning has a next step', async () => {
    const checks = await checksOf(on.connection);
    expect(failing(checks)).toEqual([]);
    expect(new Set(checks.map(({ id }) => id))).toEqual(new Set(['reach', 'tls', 'auth', 'rights', 'policy', 'clock', 'replicas']));
    for (const { verdict, next, message } of checks) if (verdict === 'warn') expect(next, message).toBeTruthy();
    await using alone = await on.open({ replicas: [] });
    expect((await checksOf(alone)).find(({ message }) => message.includes('servers follow'))?.verdict).toBe('warn');
  });

  test('tells a dead server, a wrong password, missing TLS, a primary declared as replica and missing rights apart', async () => {
    await using dead = await on.open({ port: 1 });
    expect(short(await checksOf(dead))).toEqual(['reach fail']);
    await using wrong = await on.open({}, { resolve: async () => secretOf('own', 'x') });
    expect(short(await checksOf(wrong))).toEqual(['reach ok', 'auth fail']);
    await using lost = await on.open({}, { resolve: () => Promise.reject(new Error('no such variable')) });
    expect(short(await checksOf(lost))).toEqual(['reach ok', 'auth fail']);
    await using plain = await on.open({ tls: { mode: 'verify-full' } });
    expect((await checksOf(plain)).at(-1)).toMatchObject({ id: 'tls', verdict: 'fail' });
    await using twin = await on.open({ replicas: [{ host: 'localhost', port: on.lab.port }] });
    expect(failing(await checksOf(twin))).toEqual([`replicas: localhost:${on.lab.port} does not replicate`]);
    const app = on.secret();
    value(await on.connection.setSecret.set(on.ref('app@%'), app));
    await using powerless = await on.open({ user: 'app', replicas: [] }, { resolve: async () => app });
    expect(failing(await checksOf(powerless))).toEqual([
      'rights: the Rekey account may not change others',
      'rights: sessions cannot be seen',
      'rights: sessions cannot be ended',
      ...['global_priv', 'db', 'roles_mapping'].map((table) => `rights: mysql.${table} cannot be read: no inventory, no state, no change`),
    ]);
    expect(await powerless.setSecret.set(on.ref('weak@%'), on.secret())).toMatchObject({ kind: 'refused', fault: { code: 'permission' } });
  });
});
