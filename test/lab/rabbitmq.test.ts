// The RabbitMQ connector against a real broker: what a reset changes and leaves alone, what outlives it, and what is never written anywhere.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { startSwallow } from '../../lab/swallow.ts';
import { amqpLogin } from '../../src/connectors/amqp-login/amqp-login.ts';
import { config as pathConfig } from '../../src/connectors/amqp-login/config.ts';
import type { Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { checksOf, type Ground, ground, readAll, until, value } from './rabbitmq-ground.ts';

const hostile = ['two words', 'sl/ash', 'quo"te', 'per%2Fcent', 'Größe-🔑', 'q?x=1#y'];
let on: Ground;

beforeAll(async () => {
  on = await ground({
    plugins: ['rabbitmq_shovel', 'rabbitmq_shovel_management', 'rabbitmq_federation', 'rabbitmq_federation_management'],
    users: [
      'app',
      'cart',
      'mover',
      'blocked',
      'gone',
      { name: 'manager', tags: 'management,custom-tag' },
      { name: 'outsider', permissions: false },
      ...hostile,
    ],
  });
}, 120_000);
afterAll(() => on?.stop());

const everything = async () => ({
  permissions: await on.lab.api('GET', 'permissions'),
  users: ((await on.lab.api('GET', 'users')) as { name: string; tags: unknown; limits: unknown; password_hash: string }[]).map((user) => ({
    ...user,
  })),
});

describe('inventory', () => {
  test('every user is found once, page by page, with tags, virtual hosts and the links that hold its password, and never a hash', async () => {
    const uri = `amqp://app:${on.lab.secrets.app}@localhost`;
    await on.lab.api('PUT', 'parameters/federation-upstream/%2F/north', { value: { uri: ['amqp://other@localhost', uri] } });
    await on.lab.api('PUT', 'vhosts/side');
    await on.lab.api('PUT', 'parameters/shovel/side/mover', {
      value: {
        'src-protocol': 'amqp091',
        'src-uri': uri,
        'src-queue': 'a',
        'dest-protocol': 'amqp091',
        'dest-uri': 'amqp://cart:x@localhost',
        'dest-queue': 'b',
      },
    });
    const all = await readAll(on.connection);
    const names = all.map(({ name }) => name);
    expect(names).toEqual(['lab-admin', 'rekey', ...Object.keys(on.lab.secrets)].sort());
    const of = (name: string) => all.find((found) => found.name === name);
    expect(of('app')).toMatchObject({
      kind: 'service',
      privileged: false,
      enabled: true,
      facts: { own: false, tags: [], vhosts: ['/'], password: true },
    });
    expect(of('app')?.facts.links).toEqual(expect.arrayContaining(['federation-upstream / north', 'shovel side mover']));
    expect(of('cart')?.facts.links).toEqual(['shovel side mover']);
    expect(of('manager')?.facts).toMatchObject({ tags: ['management', 'custom-tag'] });
    expect(of('rekey')).toMatchObject({ privileged: true, facts: { own: true } });
    const shown = JSON.stringify(all);
    expect(shown).not.toContain(on.lab.secrets.app);
    expect(shown).not.toMatch(/[A-Za-z0-9+/]{48}/);
    await on.lab.api('DELETE', 'parameters/shovel/side/mover');
    await on.lab.api('DELETE', 'parameters/federation-upstream/%2F/north');
  });
});

describe('a reset', () => {
  test('opens with the new secret and not with the old one, by AMQP and by the management API', async () => {
    const [fresh, old] = [on.secret(), on.first('manager')];
    value(await on.connection.setSecret.set(on.ref('manager'), fresh));
    expect(await on.say('manager', fresh)).toEqual(['accepted open-ok', 'accepted 200']);
    expect(await on.say('manager', on.secret('nonsense'))).toEqual(['rejected 403', 'rejected 401']);
    expect(await on.say('manager', old)).toEqual(['rejected 403', 'rejected 401']);
  });

  test('keeps tags, limits and the permissions on every virtual host, although the broker replaces the whole user', async () => {
    await on.lab.api('PUT', 'permissions/side/manager', { configure: 'a', write: 'b', read: 'c' }).catch(() => undefined);
    await on.lab.api('PUT', 'user-limits/manager/max-connections', { value: 77 });
    const before = await everything();
    for (const name of ['manager', ...hostile]) value(await on.connection.setSecret.set(on.ref(name), on.secret()));
    const after = await everything();
    expect(after.permissions).toEqual(before.permissions);
    const rest = (users: typeof before.users) => users.map(({ password_hash: _, ...user }) => user);
    expect(rest(after.users)).toEqual(rest(before.users));
    const changed = after.users.filter(({ password_hash: hash }, n) => hash !== before.users[n]?.password_hash).map(({ name }) => name);
    expect(changed.sort()).toEqual(['manager', ...hostile].sort());
  });

  test('of a user without tag is proved by the management API too: the right secret and a wrong one get different reasons', async () => {
    const fresh = on.secret();
    value(await on.connection.setSecret.set(on.ref('cart'), fresh));
    expect(await on.say('cart', fresh)).toEqual(['accepted open-ok', 'accepted 401, no tag']);
    expect(await on.say('cart', on.first('cart'))).toEqual(['rejected 403', 'rejected 401']);
  });

  test('of a user without any permission is proved: the broker takes the login before it asks for rights', async () => {
    expect(await on.say('outsider', on.first('outsider'))).toEqual(['accepted 530', 'accepted 401, no tag']);
    expect(await on.say('outsider', on.secret('nonsense'))).toEqual(['rejected 403', 'rejected 401']);
  });

  test('of a user that was deleted is refused and makes no user', async () => {
    await on.lab.api('DELETE', 'users/gone');
    expect(await on.connection.setSecret.set(on.ref('gone'), on.secret())).toMatchObject({ kind: 'refused', fault: { code: 'not-found' } });
    await expect(on.lab.api('GET', 'users/gone')).rejects.toThrow('404');
  });

  test('of the user Rekey logs in as goes on with the new value', async () => {
    await using lone = await on.open();
    value(await lone.setSecret.set(on.ref('rekey'), on.secret()));
    value(await lone.setSecret.set(on.ref('app'), on.secret()));
    value(await lone.setSecret.set(on.ref('rekey'), secretOf('own', on.lab.rekey.password)));
    expect(await on.connection.contain.block(on.ref('rekey'))).toMatchObject({ kind: 'refused' });
  });
});

describe('sessions', () => {
  test('opened before a reset go on until they are ended; one opened after it stays', async () => {
    const old = await on.session('mover', on.lab.secrets.mover ?? '');
    const fresh = on.secret();
    const listed = async () => value(await on.connection.sessions.list(on.ref('mover')));
    // Dated by the broker some seconds after it began.
    await until(async () => (await listed()).some(({ startedAt }) => startedAt.getTime() > 0));
    value(await on.connection.setSecret.set(on.ref('mover'), fresh));
    const changed = new Date();
    expect(old.socket.destroyed).toBe(false);
    const later = await fresh.text((text) => on.session('mover', text));
    // The new connection has no date yet: it is told as left, for the moment.
    expect(value(await on.connection.sessions.end(on.ref('mover'), changed))).toEqual({ ended: 1, left: 1 });
    await old.closed;
    await until(async () => (await listed()).every(({ startedAt }) => startedAt.getTime() > 0));
    expect(value(await on.connection.sessions.end(on.ref('mover'), changed))).toEqual({ ended: 0, left: 0 });
    expect(await listed()).toHaveLength(1);
    expect(later.socket.destroyed).toBe(false);
    later.end();
  }, 60_000);

  test('survive the blocking of the user; its secret then says blocked, and a limit that is not ours is left alone', async () => {
    const session = await on.session('blocked', on.lab.secrets.blocked ?? '');
    value(await on.connection.contain.block(on.ref('blocked')));
    expect(session.socket.destroyed).toBe(false);
    expect((await on.say('blocked', on.first('blocked')))[0]).toBe('blocked 530');
    expect((await on.say('blocked', on.secret('nonsense')))[0]).toBe('rejected 403');
    value(await on.connection.contain.unblock(on.ref('blocked')));
    session.end();
    await on.lab.api('PUT', 'user-limits/blocked/max-connections', { value: 3 });
    expect(await on.connection.contain.block(on.ref('blocked'))).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
    value(await on.connection.contain.unblock(on.ref('blocked')));
    expect(await on.lab.api('GET', 'user-limits/blocked')).toMatchObject([{ value: { 'max-connections': 3 } }]);
    // The management API knows no such limit.
    expect(await on.connection.contain.block(on.ref('manager'))).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
  });
});

describe('doctor', () => {
  const failing = async (
    settings: object,
    resolve = async () => secretOf('own', on.lab.rekey.password),
  ): Promise<[string, string | undefined][]> => {
    await using other = await on.open(settings, { timeoutMs: 1_500, resolve });
    return (await checksOf(other)).filter(({ verdict }) => verdict !== 'ok').map(({ id, next }) => [id, next]);
  };

  test('passes what is well', async () => {
    expect((await checksOf(on.connection)).filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });

  test('tells apart: dead, wrong password, no password, no administrator, not the API, a dead listener', async () => {
    expect(await failing({ port: await freePort() })).toEqual([['reach', expect.stringContaining('rabbitmq_management')]]);
    expect(await failing({}, async () => secretOf('own', 'wrong'))).toEqual([['auth', expect.stringContaining('right password')]]);
    expect(await failing({}, () => Promise.reject(new Error('unset')))).toEqual([['auth', expect.stringContaining('config.password')]]);
    expect(await failing({ user: 'app' }, async () => on.first('blocked'))).toEqual([['auth', expect.stringContaining('right password')]]);
    expect(await failing({ user: 'blocked' }, async () => on.first('blocked'))).toEqual([
      ['auth', expect.stringContaining('administrator')],
    ]);
    await on.lab.api('PUT', 'users/watcher', { password: 'lab-watcher-0123456789', tags: 'monitoring' });
    expect(await failing({ user: 'watcher' }, async () => secretOf('own', 'lab-watcher-0123456789'))).toEqual([
      ['rights', expect.stringContaining('set_user_tags')],
    ]);
    await on.lab.api('DELETE', 'users/watcher');
    expect(await failing({ amqp: [{ host: '127.0.0.1', port: await freePort() }] })).toEqual([
      ['replicas', expect.stringContaining('config.amqp')],
    ]);
  });
});

describe('AMQP as a path of its own', () => {
  const say = async (name: string, tried: Secret, more: object = {}): Promise<string[]> => {
    const io = {
      system: 'path',
      timeoutMs: 1_500,
      signal: new AbortController().signal,
      now: () => new Date(),
      resolve: () => Promise.reject(new Error('a path has no secret of its own')),
      path: (relative: string) => relative,
    };
    await using path = await amqpLogin.open(pathConfig.parse({ host: '127.0.0.1', port: on.lab.amqpPort, ...more }), io);
    const account = { system: 'directory', id: '42', name: `cn=${name}`, login: name };
    const probed = await Promise.all((await path.probe.paths()).map((where) => path.probe.attempt(account, tried, where)));
    return probed.map(({ verdict, code }) => `${verdict} ${code}`);
  };

  test('types the bare login, and tells a wrong secret from a virtual host that is not there', async () => {
    expect(await say('outsider', on.first('outsider'))).toEqual(['accepted 530']);
    expect(await say('blocked', on.first('blocked'))).toEqual(['accepted open-ok']);
    expect(await say('blocked', on.first('blocked'), { vhost: 'no-such' })).toEqual(['accepted 530']);
    expect(await say('blocked', on.secret('nonsense'), { vhost: 'no-such' })).toEqual(['rejected 403']);
    expect(await say('nobody', on.secret('nonsense'))).toEqual(['rejected 403']);
    expect(await say('blocked', secretOf('empty', ''))).toEqual(['indeterminate empty-secret']);
  });

  test('says nothing about a secret when the broker is dead, silent, cut off, or no broker', async () => {
    expect(await say('blocked', on.first('blocked'), { port: await freePort() })).toEqual(['indeterminate ECONNREFUSED']);
    // The management port speaks HTTP.
    expect((await say('blocked', on.first('blocked'), { port: on.lab.port }))[0]).toMatch(/^indeterminate (EPROTO|ECLOSED|ETIMEDOUT)/);
    const proxy = await startSwallow({ target: { host: '127.0.0.1', port: on.lab.amqpPort } });
    for (const [sees, code] of [
      ['hang', 'ETIMEDOUT'],
      ['reset', 'ECONNRESET'],
      ['close', 'ECLOSED'],
    ] as const) {
      proxy.swallowReplies(Buffer.from('PLAIN'), { sees });
      expect(await say('blocked', on.first('blocked'), { port: proxy.port })).toEqual([`indeterminate ${code}`]);
    }
    await proxy.stop();
  });
});

test('no secret stands in the log or the data files of the broker, not even at the level debug', async () => {
  expect(on.leaks()).toEqual([]);
});
