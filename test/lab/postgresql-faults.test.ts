// Every way an answer of PostgreSQL can be lost or refused, on a real server: what is certain is said, what is not is in doubt, nothing secret is written anywhere.
import { chownSync, copyFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { serversCertificate } from '../../lab/slapd-tls.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import type { Check, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { type Connection, type Ground, ground, readAll, value } from './postgresql-ground.ts';

const alter = Buffer.from('ALTER ROLE');
let on: Ground;
let proxy: Swallow;
let through: Connection;

beforeAll(async () => {
  on = await ground({ roles: ['app', 'locked', 'timed', 'hushed', { name: 'boss', attributes: 'SUPERUSER' }] });
  proxy = await startSwallow({ target: { host: on.lab.host, port: on.lab.port } });
  through = await on.open({ port: proxy.port }, { timeoutMs: 1_500 });
}, 60_000);
afterEach(() => proxy.accept());
afterAll(async () => {
  await through?.[Symbol.asyncDispose]();
  await proxy?.stop();
  await on?.stop();
});

const accepted = async (name: string, tried: Secret): Promise<boolean> => (await on.say(name, tried))[0] === 'accepted 00000';

describe('an answer that is lost', () => {
  test.each(['close', 'reset', 'hang'] as const)('after the commit (%s) is in doubt, and the change is there', async (sees) => {
    const fresh = on.secret();
    const armed = proxy.swallowReplies(alter, { sees });
    expect(await through.setSecret.set(on.ref('app'), fresh)).toMatchObject({ kind: 'indeterminate' });
    await armed.answered;
    expect(await accepted('app', fresh)).toBe(true);
    // The same version again is safe and certain.
    value(await through.setSecret.set(on.ref('app'), fresh));
    expect(await accepted('app', fresh)).toBe(true);
  });

  test('because the request was lost is in doubt too, the old secret still opens, and sending the same version again settles it', async () => {
    const [old, fresh] = [on.secret(), on.secret()];
    value(await through.setSecret.set(on.ref('app'), old));
    proxy.loseRequests(alter);
    expect(await through.setSecret.set(on.ref('app'), fresh)).toMatchObject({ kind: 'indeterminate' });
    expect([await accepted('app', fresh), await accepted('app', old)]).toEqual([false, true]);
    value(await through.setSecret.set(on.ref('app'), fresh));
    expect([await accepted('app', fresh), await accepted('app', old)]).toEqual([true, false]);
  });

  test('with the backend that was ended in the middle is in doubt', async () => {
    const [outcome] = await Promise.all([whileLocked('locked', 'terminate'), undefined]);
    expect(outcome).toMatchObject({ kind: 'indeterminate', fault: { target: '57P01' } });
  });

  test('by a probe says nothing about the secret', async () => {
    proxy.swallowReplies(Buffer.from('SCRAM-SHA-256'));
    expect((await on.say('app', on.secret(), through))[0]).toMatch(/^indeterminate /);
    proxy.swallowReplies(Buffer.from('SCRAM-SHA-256'), { sees: 'hang' });
    expect((await on.say('app', on.secret(), through))[0]).toBe('indeterminate ETIMEDOUT');
  });
});

describe('what is certainly not done is refused', () => {
  test('no connection: nothing was sent', async () => {
    await using late = await on.open({ port: proxy.port }, { timeoutMs: 1_000 });
    await proxy.refuse();
    expect(await late.setSecret.set(on.ref('app'), on.secret())).toMatchObject({
      kind: 'refused',
      fault: { code: 'unreachable', target: 'ECONNREFUSED' },
    });
    await proxy.accept();
    value(await late.setSecret.set(on.ref('app'), on.secret()));
  });

  test('a lock held by another: the server gives up before we do and says so', async () => {
    expect(await whileLocked('timed', 'wait')).toMatchObject({ kind: 'refused', fault: { code: 'throttled', target: '57014' } });
    expect(await accepted('timed', on.first('timed'))).toBe(true);
  });

  test("Rekey's own secret being wrong is told apart from the account's", async () => {
    await using stale = await on.open({}, { resolve: async () => secretOf('own', 'not the one') });
    expect(await stale.setSecret.set(on.ref('app'), on.secret())).toMatchObject({
      kind: 'refused',
      fault: { code: 'auth', target: '28P01' },
    });
  });

  test('a stopped run sends nothing more', async () => {
    await using stopped = await on.open({}, { signal: AbortSignal.abort() });
    expect((await stopped.setSecret.set(on.ref('app'), on.secret())).kind).toBe('refused');
    expect((await on.say('app', on.secret(), stopped))[0]).toBe('indeterminate ABORTED');
  });
});

/** A superuser holds the row of the role in an open transaction while we try to change it. */
async function whileLocked(name: string, end: 'wait' | 'terminate') {
  const boss = await on.session('boss', on.lab.secrets.boss ?? '');
  await boss.query(`BEGIN; ALTER ROLE ${name} CONNECTION LIMIT 9`);
  const outcome = through.setSecret.set(on.ref(name), on.secret());
  if (end === 'terminate') {
    const blocked = `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'rekey'`;
    for (let n = 0; n < 200 && (await on.lab.sql(blocked)).length === 0; n++) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const ended = await outcome;
  await boss.query('ROLLBACK');
  await boss.end();
  return ended;
}

test('after a restart of the server the next call works, and a reset role keeps its new secret', async () => {
  const fresh = on.secret();
  value(await on.connection.setSecret.set(on.ref('app'), fresh));
  await on.lab.restart();
  expect(await accepted('app', fresh)).toBe(true);
  value(await on.connection.setSecret.set(on.ref('app'), on.secret()));
});

test('once Rekey has reset its own role, new connections use the new secret', async () => {
  await using own = await on.open();
  try {
    value(await own.setSecret.set(on.ref('rekey'), on.secret()));
    await on.lab.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rekey'`);
    expect((await readAll(own)).length).toBeGreaterThan(3);
    await using late = await on.open();
    expect(await late.inventory.page({ limit: 1 })).toMatchObject({ kind: 'refused', fault: { code: 'auth' } });
  } finally {
    await on.lab.sql(`ALTER ROLE rekey PASSWORD '${on.lab.rekey.password}'`);
  }
});

describe('the log of a server that writes down every statement', () => {
  test('holds no secret: not of a reset, not of a probe, not of a failure', async () => {
    expect(on.made.length).toBeGreaterThan(10);
    const log = readFileSync(on.lab.logFile, 'utf8');
    expect(log).toContain('ALTER ROLE');
    for (const secret of on.made) expect(log.includes(secret)).toBe(false);
  });

  test('holds no verifier either, once the role may switch its logging off', async () => {
    await on.lab.sql('GRANT SET ON PARAMETER log_statement, log_min_error_statement, log_min_duration_statement TO rekey');
    const from = readFileSync(on.lab.logFile, 'utf8').length;
    await using quiet = await on.open();
    value(await quiet.setSecret.set(on.ref('hushed'), on.secret()));
    // The failed write is logged with its statement by default.
    expect(await quiet.setSecret.set(on.ref('boss'), on.secret())).toMatchObject({ kind: 'refused' });
    const since = readFileSync(on.lab.logFile, 'utf8').slice(from);
    expect(since).toContain('log_statement');
    expect(since).not.toContain('SCRAM-SHA-256$');
  });
});

describe('doctor', () => {
  const all = async (connection: Connection): Promise<Check[]> => {
    const checks: Check[] = [];
    for await (const each of connection.check.run()) checks.push(each);
    return checks;
  };
  const short = (checks: Check[]) => checks.map(({ id, verdict }) => `${id} ${verdict}`);
  const failing = (checks: Check[]) => checks.filter(({ verdict }) => verdict === 'fail').map(({ id, message }) => `${id}: ${message}`);

  test('passes a least-privilege role, names what only a superuser can reset, and every warning has a next step', async () => {
    const checks = await all(on.connection);
    expect(failing(checks)).toEqual([]);
    expect(new Set(checks.map(({ id }) => id))).toEqual(new Set(['reach', 'tls', 'auth', 'replicas', 'rights', 'policy', 'clock']));
    expect(checks.some(({ message }) => message.includes('boss'))).toBe(true);
    for (const { verdict, next, message } of checks) if (verdict !== 'ok') expect(next, message).toBeTruthy();
  });

  test('tells a dead server, a wrong password, a missing database and missing rights apart', async () => {
    await using dead = await on.open({ port: 1 });
    expect(short(await all(dead))).toEqual(['reach fail']);
    await using wrong = await on.open({}, { resolve: async () => secretOf('own', 'x') });
    expect(short(await all(wrong))).toEqual(['reach ok', 'auth fail']);
    await using nowhere = await on.open({ database: 'nowhere' });
    expect((await all(nowhere)).at(-1)).toMatchObject({ id: 'auth', verdict: 'fail', next: expect.stringContaining('config.database') });
    await using weak = await on.open({ user: 'hushed' }, { resolve: async () => on.secret() });
    expect(short(await all(weak))).toEqual(['reach ok', 'auth fail']);
    const app = on.secret();
    value(await on.connection.setSecret.set(on.ref('app'), app));
    await using powerless = await on.open({ user: 'app' }, { resolve: async () => app });
    expect(failing(await all(powerless))).toEqual([
      'rights: the Rekey role may not change other roles',
      'rights: sessions cannot be ended',
      'rights: sessions cannot be seen',
    ]);
    expect(await powerless.setSecret.set(on.ref('hushed'), on.secret())).toMatchObject({ kind: 'refused', fault: { code: 'permission' } });
    expect(await powerless.sessions.list(on.ref('boss'))).toMatchObject({ kind: 'done', value: [] });
    const boss = await on.session('boss', on.lab.secrets.boss ?? '');
    expect(await powerless.sessions.list(on.ref('boss'))).toMatchObject({ kind: 'refused', fault: { code: 'permission' } });
    await boss.end();
  });

  test('wants a verified certificate: another CA, another name and a server without TLS all fail as tls', async () => {
    await using none = await on.open({ tls: { mode: 'verify-full' } });
    expect(short(await all(none))).toEqual(['reach ok', 'tls fail']);
    const { ca, certificate, key } = serversCertificate(on.dir);
    const data = join(on.dir, 'data');
    const { uid, gid } = statSync(data);
    for (const [from, to] of [
      [certificate, 'server.crt'],
      [key, 'server.key'],
    ] as const) {
      copyFileSync(from, join(data, to));
      chownSync(join(data, to), uid, gid);
    }
    await on.lab.sql('ALTER SYSTEM SET ssl = on');
    await on.lab.reload();
    await using unknown = await on.open({ tls: { mode: 'verify-full' } });
    expect(short(await all(unknown))).toEqual(['reach ok', 'tls fail']);
    await using misnamed = await on.open({ tls: { mode: 'verify-full', ca, servername: 'db.example.test' } });
    expect((await all(misnamed)).at(-1)).toMatchObject({ id: 'tls', verdict: 'fail', next: expect.stringContaining('servername') });
    await using verified = await on.open({ tls: { mode: 'verify-full', ca } });
    expect((await all(verified)).find(({ id }) => id === 'tls')?.message).toMatch(/^TLSv1\.[23], certificate verified$/);
    const fresh = on.secret();
    value(await verified.setSecret.set(on.ref('app'), fresh));
    expect((await on.say('app', fresh, verified))[0]).toBe('accepted 00000');
    expect((await on.say('app', fresh, unknown))[0]).toMatch(/^indeterminate /);
  });
});
