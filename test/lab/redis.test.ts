// The Redis connector against two real servers: what a reset changes on each, what outlives it, what a restart brings back, and what is never written anywhere.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort, sleep } from '../../lab/process.ts';
import { rekeyRules } from '../../lab/redis.ts';
import { serversCertificate } from '../../lab/slapd-tls.ts';
import { startSwallow } from '../../lab/swallow.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { checksOf, type Ground, ground, readAll, value } from './redis-ground.ts';

let on: Ground;

beforeAll(async () => {
  on = await ground({
    replica: true,
    users: [
      'app',
      'cart',
      'mover',
      'blocked',
      'solo',
      { name: 'open', rules: 'on nopass ~app:* +@read', secrets: [] },
      { name: 'two', secrets: ['lab-first-of-two-values', 'lab-other-of-two-values'] },
      { name: 'boss', rules: 'on ~* &* +@all' },
      { name: 'copier', rules: 'on +psync +replconf +ping' },
      { name: 'alice@example.test', rules: 'on ~* +get' },
      { name: 'x#"quote\'', rules: 'on ~* +get' },
    ],
  });
}, 60_000);
afterAll(() => on?.stop());

const both = (what: string): string[] => [what, what];

describe('inventory', () => {
  test('every user is found once, page by page, with what the servers say about it and never a hash', async () => {
    const all = await readAll(on.connection, 3);
    const names = all.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    expect(new Set(names).size).toBe(names.length);
    const of = (name: string) => all.find((found) => found.name === name);
    expect(of('app')).toMatchObject({
      kind: 'service',
      enabled: true,
      privileged: false,
      facts: { nopass: false, passwords: 1, own: false },
    });
    expect(of('open')?.facts).toMatchObject({ nopass: true, passwords: 0 });
    expect(of('two')?.facts).toMatchObject({ passwords: 2 });
    expect(of('boss')?.privileged).toBe(true);
    expect(of('rekey')).toMatchObject({ privileged: true, facts: { own: true } });
    expect(of('default')).toMatchObject({ kind: 'shared', enabled: false });
    expect(of('alice@example.test')?.kind).toBe('human');
    expect(JSON.stringify(all)).not.toMatch(/[0-9a-f]{64}/);
  });

  test('a user that one server does not know, or knows with another password, is named, and a replica that logs in as a user is counted', async () => {
    await on.lab.run('ACL', 'SETUSER', 'half', 'on', '>lab-half-0123456789abcdef');
    await on.lab.run('ACL', 'SETUSER', 'mover', '>lab-mover-0123456789abcdef');
    const all = await readAll(on.connection);
    expect(all.find(({ name }) => name === 'half')?.facts.missingOn).toEqual([on.second?.replica]);
    expect(all.find(({ name }) => name === 'mover')?.facts.differsOn).toEqual([on.second?.replica]);
    expect(all.find(({ name }) => name === 'copier')?.facts.replicaLogins).toBe(1);
    expect(await on.connection.setSecret.set(on.ref('half'), on.secret())).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
    await on.lab.run('ACL', 'DELUSER', 'half');
  });

  test('include and exclude globs are kept, and a glob is not a regular expression', async () => {
    await using some = await on.open({ include: ['?pp', 'car*', 'b.ss'], exclude: ['cart'] });
    expect((await readAll(some)).map(({ name }) => name)).toEqual(['app']);
  });

  test('ACL LOG names who still tries the old password', async () => {
    const old = on.first('cart');
    value(await on.connection.setSecret.set(on.ref('cart'), on.secret()));
    expect(await on.say('cart', old)).toEqual(both('rejected WRONGPASS'));
    const cart = (await readAll(on.connection)).find(({ name }) => name === 'cart');
    expect(cart?.facts.refusedLogins).toEqual([
      { from: '127.0.0.1', count: expect.any(Number), secondsAgo: expect.any(Number), on: on.lab.replica },
      { from: '127.0.0.1', count: expect.any(Number), secondsAgo: expect.any(Number), on: on.second?.replica },
    ]);
  });
});

describe('a reset', () => {
  test('reaches every server, although the server itself replicates no ACL', async () => {
    // The trap: a change by hand on the primary leaves the replica as it was.
    await on.lab.run('ACL', 'SETUSER', 'app', '>lab-by-hand-0123456789');
    expect(await on.say('app', secretOf('by hand', 'lab-by-hand-0123456789'))).toEqual(['accepted OK', 'rejected WRONGPASS']);
    const [fresh, old] = [on.secret(), on.first('app')];
    value(await on.connection.setSecret.set(on.ref('app'), fresh));
    expect(await on.say('app', fresh)).toEqual(both('accepted OK'));
    expect(await on.say('app', on.secret('nonsense'))).toEqual(both('rejected WRONGPASS'));
    expect(await on.say('app', old)).toEqual(both('rejected WRONGPASS'));
    const marks = await Promise.all(
      (await on.connection.state.replicas()).map((replica) => on.connection.state.read(on.ref('app'), replica)),
    );
    expect(new Set(marks.map((mark) => value(mark).marker)).size).toBe(1);
  });

  test('leaves rules, keys and the state on or off of the user as they were, and every other user', async () => {
    const rest = (lines: unknown): string[] => (lines as string[]).map((line) => line.replace(/ #[0-9a-f]{64}/g, ''));
    const before = (await on.lab.run('ACL', 'LIST')) as string[];
    for (const name of ['app', 'x#"quote\'', 'alice@example.test']) value(await on.connection.setSecret.set(on.ref(name), on.secret()));
    const after = (await on.lab.run('ACL', 'LIST')) as string[];
    expect(rest(after)).toEqual(rest(before));
    expect(after.filter((line) => !before.includes(line))).toHaveLength(3);
  });

  test('of a user that any password opens closes it, and an overlap of it is refused: there is no old password to keep', async () => {
    expect(await on.say('open', on.secret('nonsense'))).toEqual(both('accepted OK'));
    expect(await on.connection.overlap.open(on.ref('open'), on.secret())).toMatchObject({
      kind: 'refused',
      fault: { code: 'unsupported' },
    });
    const fresh = on.secret();
    value(await on.connection.setSecret.set(on.ref('open'), fresh));
    expect(await on.say('open', fresh)).toEqual(both('accepted OK'));
    expect(await on.say('open', on.secret('nonsense'))).toEqual(both('rejected WRONGPASS'));
  });

  test('removes every password there was, not only the one we knew', async () => {
    value(await on.connection.setSecret.set(on.ref('two'), on.secret()));
    for (const text of ['lab-first-of-two-values', 'lab-other-of-two-values'])
      expect(await on.say('two', secretOf('old', text))).toEqual(both('rejected WRONGPASS'));
  });

  test('of the user Rekey logs in as goes on with the new value, on connections made after it too', async () => {
    await using lone = await on.open();
    const fresh = secretOf('own', on.lab.rekey.password);
    value(await lone.setSecret.set(on.ref('rekey'), on.secret()));
    // Our open connections are ended: the next command needs a login with the new value.
    for (const lab of [on.lab, on.second]) await lab?.run('CLIENT', 'KILL', 'USER', 'rekey');
    await sleep(50);
    value(await lone.setSecret.set(on.ref('rekey'), fresh));
    expect(await on.connection.contain.block(on.ref('rekey'))).toMatchObject({ kind: 'refused' });
  });

  test('of a short value is refused: the server keeps an unsalted hash', async () => {
    expect(await on.connection.setSecret.set(on.ref('app'), secretOf('short', 'Aa1-Aa1-Aa1-Aa1-Aa1'))).toMatchObject({
      kind: 'refused',
      fault: { code: 'policy' },
    });
  });
});

describe('several servers', () => {
  test('with one that is down: nothing is changed on any', async () => {
    await using half = await on.open({ nodes: [{ host: '127.0.0.1', port: await freePort() }] }, { timeoutMs: 1_000 });
    expect(await half.setSecret.set(on.ref('solo'), on.secret())).toMatchObject({ kind: 'refused', fault: { code: 'unreachable' } });
    expect(await on.say('solo', on.first('solo'))).toEqual(both('accepted OK'));
  });

  test('with one whose answer is lost: in doubt, the first server is as it was, and the same value again settles all', async () => {
    const second = on.second as NonNullable<Ground['second']>;
    const proxy = await startSwallow({ target: { host: second.host, port: second.port } });
    await using half = await on.open({ nodes: [{ host: '127.0.0.1', port: proxy.port }] }, { timeoutMs: 1_000 });
    proxy.swallowReplies(Buffer.from('SETUSER'));
    const fresh = on.secret();
    expect(await half.setSecret.set(on.ref('solo'), fresh)).toMatchObject({ kind: 'indeterminate' });
    // The server that lost the answer has the change, and on disk too; the one probed after a doubt does not.
    expect(await on.say('solo', fresh)).toEqual(['rejected WRONGPASS', 'accepted OK']);
    const [first, other] = await Promise.all(
      [on.lab.replica, second.replica].map((replica) => on.connection.state.read(on.ref('solo'), replica)),
    );
    expect(value(first as never)).not.toEqual(value(other as never));
    value(await half.setSecret.set(on.ref('solo'), fresh));
    expect(await on.say('solo', fresh)).toEqual(both('accepted OK'));
    await proxy.stop();
  });
});

describe('sessions', () => {
  test('opened before a reset go on working until they are ended by number on every server; those opened after it stay', async () => {
    const second = on.second as NonNullable<Ground['second']>;
    const old = [await on.lab.session('mover', on.lab.secrets.mover ?? ''), await second.session('mover', on.lab.secrets.mover ?? '')];
    const fresh = on.secret();
    value(await on.connection.overlap.open(on.ref('mover'), fresh));
    await sleep(1_100); // Sessions are dated by the second.
    const changed = value(await on.connection.state.read(on.ref('mover'), on.lab.replica)).now as Date;
    value(await on.connection.overlap.close(on.ref('mover'), fresh));
    const soon = () => ({ until: performance.now() + 2_000, signal: new AbortController().signal });
    for (const session of old) expect((await session.ask(['PING'], soon())).kind).toBe('reply');
    await sleep(1_100);
    const later = await fresh.text((text) => on.lab.session('mover', text));
    expect(value(await on.connection.sessions.list(on.ref('mover'))).filter(({ own }) => !own)).toHaveLength(3);
    expect(value(await on.connection.sessions.end(on.ref('mover'), changed))).toEqual({ ended: 2, left: 0 });
    for (const session of old) expect((await session.ask(['PING'], soon())).kind).not.toBe('reply');
    expect((await later.ask(['PING'], soon())).kind).toBe('reply');
    later.end();
  });

  test('survive even the blocking of the user; the right secret then says blocked, a wrong one rejected', async () => {
    const session = await on.lab.session('blocked', on.lab.secrets.blocked ?? '');
    value(await on.connection.contain.block(on.ref('blocked')));
    expect((await session.ask(['PING'], { until: performance.now() + 2_000, signal: new AbortController().signal })).kind).toBe('reply');
    expect(await on.say('blocked', on.first('blocked'))).toEqual(both('blocked WRONGPASS, user off'));
    expect(await on.say('blocked', on.secret('nonsense'))).toEqual(both('rejected WRONGPASS'));
    value(await on.connection.contain.unblock(on.ref('blocked')));
    expect(await on.say('blocked', on.first('blocked'))).toEqual(both('accepted OK'));
    session.end();
  });
});

describe('doctor', () => {
  const failing = async (
    settings: object,
    resolve = async () => secretOf('own', on.lab.rekey.password),
  ): Promise<[string, string | undefined][]> => {
    await using other = await on.open({ nodes: [], ...settings }, { timeoutMs: 1_500, resolve });
    return (await checksOf(other)).filter(({ verdict }) => verdict !== 'ok').map(({ id, next }) => [id, next]);
  };

  test('passes what is well, and knows the least rights of the README', async () => {
    expect((await checksOf(on.connection)).filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });

  test('of the README is what this suite runs with', () => {
    const readme = readFileSync(new URL('../../src/connectors/redis/README.md', import.meta.url), 'utf8');
    expect(readme).toContain(`ACL SETUSER rekey ${rekeyRules} `);
  });

  test('tells apart: dead, wrong password, no password, not TLS, wrong CA, missing rights, an unlisted replica', async () => {
    expect(await failing({ port: await freePort() })).toEqual([['reach', expect.stringContaining('firewall')]]);
    expect(await failing({}, async () => secretOf('own', 'wrong'))).toEqual([['auth', expect.stringContaining('right password')]]);
    expect(await failing({}, () => Promise.reject(new Error('unset')))).toEqual([['auth', expect.stringContaining('config.password')]]);
    expect(await failing({ tls: {} })).toEqual([['tls', expect.stringContaining('tls.ca')]]);
    await on.lab.run('ACL', 'SETUSER', 'rekey', '-config|rewrite');
    expect(await failing({ nodes: [{ host: '127.0.0.1', port: on.second?.port }] })).toEqual([
      ['rights', expect.stringContaining('+config|rewrite')],
    ]);
    await on.lab.run('ACL', 'SETUSER', 'rekey', '+config|rewrite');
    expect(await failing({})).toEqual([['replicas', expect.stringContaining('config.nodes')]]);
    await on.lab.run('ACL', 'SETUSER', 'boss', 'nopass');
    expect(await failing({ nodes: [{ host: '127.0.0.1', port: on.second?.port }] })).toEqual([
      ['policy', expect.stringContaining('cuts off')],
    ]);
  });
});

test('over TLS with its CA a reset and a probe work; with another CA nothing is sent', async () => {
  const { ca, certificate, key } = serversCertificate(on.lab.dir);
  const port = await freePort();
  const safe = await ground({
    users: ['app'],
    lines: [`tls-port ${port}`, `tls-cert-file ${certificate}`, `tls-key-file ${key}`, 'tls-auth-clients no'],
  });
  try {
    await using good = await safe.open({ port, tls: { ca, servername: 'localhost' } });
    const fresh = safe.secret();
    value(await good.setSecret.set(safe.ref('app'), fresh));
    expect(await safe.say('app', fresh, good)).toEqual(['accepted OK']);
    await using bad = await safe.open({ port, tls: {} });
    expect(await bad.setSecret.set(safe.ref('app'), safe.secret())).toMatchObject({ kind: 'refused', fault: { code: 'unreachable' } });
    expect((await safe.say('app', fresh, bad))[0]).toMatch(/^indeterminate .*(CERT|UNABLE|SELF)/);
  } finally {
    await safe.stop();
  }
});

test('no secret stands in a log, an ACL file or a config file of the servers, nor in their slow log or ACL log', async () => {
  await on.lab.run('ACL', 'SAVE');
  expect(on.leaks()).toEqual([]);
  const kept = JSON.stringify([await on.lab.run('SLOWLOG', 'GET', '100'), await on.lab.run('ACL', 'LOG', '100')]);
  expect(kept).not.toContain('cnry');
});
