// MySQL's second passwords, on a server in miniature: nothing but a discarded secondary is gone, and nothing sent twice drops the wrong one.
import { afterEach, describe, expect, test } from 'vitest';
import type { Outcome, Secret } from '../../kit/kit.ts';
import { nativeHash, sha2Hash } from '../../protocols/mysql/password-hash.ts';
import { secretOf } from '../../seal/secret.ts';
import { wrongProduct } from './check.ts';
import { mysql } from './mysql.ts';
import { recordOf } from './record.ts';
import { broken, rulesOf } from './rules.ts';
import { MysqlSimulator } from './simulator.ts';

const secret = (text: string): Secret => secretOf('test', text);
const [leaked, old, fresh] = ['Leaked-v4lue!', 'Old-v4lue-here!', 'Fresh-v4lue-canary!'].map(secret) as [Secret, Secret, Secret];
const app = { system: 's', id: 'app@%', name: 'app@%' };
let stop: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of stop.splice(0)) await each();
  stop = [];
});

async function open(more: object = {}) {
  const simulator = new MysqlSimulator([
    { user: 'rekey', host: '%', plugin: 'caching_sha2_password', stored: sha2Hash(secret('own')) },
    { user: 'app', host: '%', plugin: 'caching_sha2_password', stored: sha2Hash(old), second: sha2Hash(leaked) },
    { user: 'legacy', host: '%', plugin: 'mysql_native_password', stored: nativeHash(old) },
    {
      user: 'sys',
      host: '%',
      plugin: 'caching_sha2_password',
      stored: '$A$005$THISISACOMBINATIONOFINVALIDSALTANDPASSWORDTHATMUSTNEVERBRBEUSED',
    },
    { user: 'dir', host: '%', plugin: 'authentication_ldap_simple', stored: '' },
    { user: 'sha', host: '%', plugin: 'sha256_password', stored: '$5$x' },
  ]);
  const port = await simulator.listen();
  const io = {
    system: 's',
    timeoutMs: 2_000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => secret('own'),
    path: (relative: string) => relative,
  };
  const connection = await mysql.open(mysql.config.parse({ host: '127.0.0.1', port, user: 'rekey', password: { env: 'X' }, ...more }), io);
  stop.push(async () => {
    await connection[Symbol.asyncDispose]();
    simulator.close();
  });
  const [where] = await connection.probe.paths();
  const say = async (id: string, tried: Secret): Promise<string> => {
    const probed = await connection.probe.attempt({ system: 's', id, name: id }, tried, where ?? { path: '', replica: '' });
    return `${probed.verdict} ${probed.code}`;
  };
  return { simulator, connection, say, alters: () => simulator.statements.filter((text) => text.startsWith('ALTER USER')) };
}

function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind}: ${outcome.fault.message}`);
  return outcome.value;
}

describe('a reset', () => {
  test('discards a secondary password that an ordinary ALTER USER would leave valid', async () => {
    const { connection, say, alters } = await open();
    expect([await say('app@%', leaked), await say('app@%', old)]).toEqual(['accepted 0', 'accepted 0']);
    expect(value(await connection.state.read(app, (await connection.state.replicas())[0] ?? '')).values).toBe(2);
    value(await connection.setSecret.set(app, fresh));
    expect([await say('app@%', fresh), await say('app@%', leaked), await say('app@%', old)]).toEqual([
      'accepted 0',
      'rejected 1045',
      'rejected 1045',
    ]);
    expect(value(await connection.state.read(app, (await connection.state.replicas())[0] ?? '')).values).toBe(1);
    expect(alters()[0]).toMatch(/^ALTER USER 'app'@'%' IDENTIFIED WITH 'caching_sha2_password' AS '\$A\$005\$[./0-9A-Za-z]{63}'$/);
    expect(alters()[1]).toBe("ALTER USER 'app'@'%' DISCARD OLD PASSWORD");
  });

  test('whose DISCARD was lost is in doubt, never refused: the change is there, the old one may be too', async () => {
    const { connection, simulator, say } = await open();
    const push = simulator.statements.push.bind(simulator.statements);
    simulator.statements.push = (text: string) => {
      if (text.endsWith('DISCARD OLD PASSWORD')) simulator.fault = { errno: 1227, text: 'Access denied' };
      return push(text);
    };
    expect((await connection.setSecret.set(app, fresh)).kind).toBe('indeterminate');
    expect([await say('app@%', fresh), await say('app@%', leaked)]).toEqual(['accepted 0', 'accepted 0']);
  });

  test('keeps the plugin of the account, and sends no value: not in a statement, not in a form it can be read from', async () => {
    const { connection, simulator, say } = await open();
    value(await connection.setSecret.set({ ...app, id: 'legacy@%' }, fresh));
    expect(simulator.account('legacy')).toMatchObject({ plugin: 'mysql_native_password', stored: nativeHash(fresh) });
    expect(await say('legacy@%', fresh)).toBe('accepted 0');
    value(await connection.setSecret.set(app, fresh));
    expect(simulator.statements.join('\n')).not.toContain('canary');
  });

  test("of an account without a password of this server's is refused", async () => {
    const { connection, alters } = await open();
    for (const id of ['sys@%', 'dir@%', 'sha@%'])
      expect(await connection.setSecret.set({ ...app, id }, fresh), id).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
    expect(alters()).toEqual([]);
  });
});

describe('an overlap', () => {
  test('retains the current password; opened again after a lost answer it does not drop it (RETAIN is not idempotent)', async () => {
    const { connection, simulator, say, alters } = await open();
    simulator.fault = 'swallow';
    expect((await connection.overlap.open(app, fresh)).kind).toBe('indeterminate');
    simulator.fault = undefined;
    value(await connection.overlap.open(app, fresh));
    expect(alters().filter((text) => text.endsWith('RETAIN CURRENT PASSWORD'))).toHaveLength(1);
    // The stale secondary that stood there before is gone: RETAIN replaced it.
    expect([await say('app@%', fresh), await say('app@%', old), await say('app@%', leaked)]).toEqual([
      'accepted 0',
      'accepted 0',
      'rejected 1045',
    ]);
  });

  test('closed discards the old one, and is done only when the record shows none', async () => {
    const { connection, simulator, say } = await open();
    value(await connection.overlap.open(app, fresh));
    value(await connection.overlap.close(app, fresh));
    expect([await say('app@%', fresh), await say('app@%', old)]).toEqual(['accepted 0', 'rejected 1045']);
    // A server that says OK and keeps it.
    Object.defineProperty(simulator.account('app'), 'second', { get: () => sha2Hash(old), set: () => {} });
    expect(await connection.overlap.close(app, fresh)).toMatchObject({ kind: 'indeterminate', fault: { target: 'additional_password' } });
  });
});

test('a locked account is told from a wrong password, which hides the lock', async () => {
  const { connection, say } = await open();
  value(await connection.contain.block(app));
  expect([await say('app@%', old), await say('app@%', fresh)]).toEqual(['blocked 3118', 'rejected 1045']);
  expect(await connection.contain.block({ ...app, id: 'rekey@%' })).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
});

test('FAILED_LOGIN_ATTEMPTS is read from the account, and what was counted cannot be', () => {
  const row = {
    user: 'a',
    host: '%',
    plugin: 'p',
    stored: '',
    locked: 'N',
    expired: 'N',
    changed: null,
    lifetime: null,
    standard: 0,
    now: '1',
  };
  const attributes = JSON.stringify({
    Password_locking: { failed_login_attempts: 3, password_lock_time_days: 2 },
    metadata: { comment: 'x' },
  });
  expect(recordOf({ ...row, attributes })).toMatchObject({ attempts: 3, lockDays: 2, comment: 'x', second: undefined });
  expect(recordOf({ ...row, attributes: { additional_password: 'hash' } }).second).toBe('hash');
});

test('validate_password: the component and the plugin are the same rules; LOW looks at the length alone', () => {
  const component = new Map([
    ['validate_password.length', '12'],
    ['validate_password.policy', 'MEDIUM'],
    ['validate_password.number_count', '2'],
    ['validate_password.mixed_case_count', '1'],
    ['validate_password.special_char_count', '1'],
  ]);
  const rules = rulesOf(component);
  expect(rules).toMatchObject({ minLength: 12, digits: 2, mixed: 1, special: 1 });
  expect([broken(rules, secret('Short-12')), broken(rules, secret('Long-enough-but-1'))]).toEqual([
    'the server asks for at least 12 characters',
    'the server asks for at least 2 digits',
  ]);
  expect(broken(rules, secret('Long-enough-12'))).toBeUndefined();
  expect(rulesOf(new Map([...component, ['validate_password.policy', 'LOW']]))).toMatchObject({ minLength: 12, digits: 0 });
});

test('a MariaDB server and one older than 8.0.22 are named as such', () => {
  expect(['8.0.22', '8.4.3', '9.1.0'].map(wrongProduct)).toEqual([undefined, undefined, undefined]);
  for (const version of ['8.0.21', '5.7.44-log', '10.11.6-MariaDB']) expect(wrongProduct(version)?.verdict).toBe('fail');
});
