// The connector for Linux passwords against a real sshd, sudo and shadow file: what is found, and what a reset changes and leaves alone.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountRef } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { type Ground, ground, logsIn, readAll, session, told, value } from './ssh-ground.ts';

const today = Math.floor(Date.now() / 86_400_000);
let on: Ground;
let connection: Awaited<ReturnType<Ground['passwords']>>;
let accounts: Map<string, AccountRef & { readonly facts: object }>;

beforeAll(async () => {
  on = await ground(
    [
      { name: 'alice', note: 'Alice Miller <alice@example.test>' },
      'bob',
      'carol',
      { name: 'svc-orders', note: 'Orders service, owner Olga@Example.test', shell: '/usr/sbin/nologin' },
      { name: 'locked', field: '!{hash}' },
      { name: 'keyonly', field: '!' },
      { name: 'starred', field: '*' },
      { name: 'empty', field: '' },
      { name: 'gone', expireDay: 10 },
      { name: 'leaving', expireDay: today + 30 },
      { name: 'mustchange', lastDay: 0 },
      { name: 'toor', uid: 0 },
      { name: 'old-des', field: 'ab01FAX.bQRSU' },
      { name: 'Größe.用户' },
      { name: "o'brien$(id)" },
      { name: 'batch0' },
      { name: 'batch1' },
      { name: 'batch2' },
      { name: 'batch3' },
    ],
    ['sshd-newkey'],
  );
  connection = await on.passwords();
  accounts = new Map((await readAll(connection, 4)).map((found) => [found.name, { ...found, system: 'lab-ssh' }]));
}, 60_000);
afterAll(async () => {
  await connection?.[Symbol.asyncDispose]();
  await on?.stop();
});

const ref = (name: string): AccountRef => {
  const found = accounts.get(name);
  if (found === undefined) throw new Error(`no account ${name}`);
  return { system: 'lab-ssh', id: found.id, name };
};
const shadow = async (name: string): Promise<string> =>
  (await on.lab.sh(`getent shadow '${name.replaceAll("'", `'\\''`)}'`)).out.trim().split(':')[1] ?? '';
const ssh = async (name: string, secret: ReturnType<typeof secretOf>): Promise<string> => {
  const [where] = await connection.probe.paths();
  return told(await connection.probe.attempt(ref(name), secret as never, where as never));
};

describe('inventory', () => {
  test('every account with a password is found once, with what the host says about it and without its hash', async () => {
    const all = await readAll(connection, 3);
    const names = all.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of ['alice', 'locked', 'empty', 'toor', 'Größe.用户', "o'brien$(id)"]) expect(names).toContain(name);
    for (const name of ['keyonly', 'starred', 'daemon', 'rekey']) expect(names).not.toContain(name);
    const by = (name: string) => all.find((found) => found.name === name);
    expect(by('alice')).toMatchObject({
      kind: 'human',
      owner: 'alice@example.test',
      enabled: true,
      privileged: false,
      facts: { hash: 'sha512', own: false },
    });
    expect(by('svc-orders')).toMatchObject({ kind: 'service', owner: 'olga@example.test', facts: { loginShell: false } });
    expect(by('locked')).toMatchObject({ enabled: false, facts: { locked: true } });
    expect(by('gone')).toMatchObject({ enabled: false, facts: { expired: true } });
    expect(by('mustchange')?.facts).toMatchObject({ mustChange: true });
    expect(by('toor')).toMatchObject({ privileged: true, id: '0:toor' });
    expect(by('empty')?.facts).toMatchObject({ hash: 'empty' });
    expect(by('old-des')?.facts).toMatchObject({ hash: 'des' });
    expect(JSON.stringify(all)).not.toContain('$6$');
  });

  test('include and exclude are globs over names', async () => {
    await using some = await on.passwords({ include: ['batch*', 'bob'], exclude: ['batch?'] });
    expect((await readAll(some)).map(({ name }) => name)).toEqual(['bob']);
  });
});

describe('a reset', () => {
  test('puts the new secret in place of the old, as a SHA-512 hash, and repeated it is safe', async () => {
    const [fresh, old] = [on.secret(), on.first('alice')];
    expect(await ssh('alice', old as never)).toBe('accepted password');
    for (let time = 0; time < 2; time++) value(await connection.setSecret.set(ref('alice'), fresh));
    expect(await shadow('alice')).toMatch(/^\$6\$/);
    expect(await ssh('alice', fresh as never)).toBe('accepted password');
    expect(await ssh('alice', on.secret('nonsense') as never)).toBe('rejected auth-failure');
    expect(await ssh('alice', old as never)).toBe('rejected auth-failure');
  });

  test('of an account with a hostile name changes that account and no other', async () => {
    const before = (await on.lab.sh('getent shadow')).out.split('\n');
    for (const name of ['Größe.用户', "o'brien$(id)"]) {
      const fresh = on.secret();
      value(await connection.setSecret.set(ref(name), fresh));
      expect(await logsIn(on.lab.port, name, { password: fresh.text((text) => text) }), name).toBe(true);
    }
    const after = (await on.lab.sh('getent shadow')).out.split('\n');
    const moved = after.filter((line, n) => line !== before[n]).map((line) => line.split(':')[0]);
    expect(moved.sort()).toEqual(["o'brien$(id)", 'Größe.用户'].sort());
  });

  test('of a locked account keeps it locked: chpasswd alone would open it', async () => {
    const fresh = on.secret();
    value(await connection.setSecret.set(ref('locked'), fresh));
    expect(await shadow('locked')).toMatch(/^!\$6\$/);
    expect(await logsIn(on.lab.port, 'locked', { password: fresh.text((text) => text) })).toBe(false);
    expect((await on.lab.sh('usermod -U locked')).code).toBe(0);
    expect(await logsIn(on.lab.port, 'locked', { password: fresh.text((text) => text) })).toBe(true);
    await on.lab.sh('usermod -L locked');
  });

  test('gives no password to an account that has none, and closes an empty one', async () => {
    for (const name of ['keyonly', 'starred']) {
      const uid = (await on.lab.sh(`id -u ${name}`)).out.trim();
      const outcome = await connection.setSecret.set({ system: 'lab-ssh', id: `${uid}:${name}`, name }, on.secret());
      expect(outcome, name).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
    }
    value(await connection.setSecret.set(ref('empty'), on.secret()));
    expect(await shadow('empty')).toMatch(/^\$6\$/);
  });

  test('never touches an account that took the name of another', async () => {
    const before = await shadow('bob');
    const outcome = await connection.setSecret.set({ system: 'lab-ssh', id: '4242:bob', name: 'bob' }, on.secret());
    expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'not-found' } });
    expect(await shadow('bob')).toBe(before);
  });

  test('of several accounts at once is right for each, also when one of them vanishes in between', async () => {
    const fresh = on.secret();
    const names = ['batch0', 'batch1', 'batch2', 'batch3'];
    const order = await on.lab.fault('batch0', 'slow');
    order.disarm();
    const outcomes = await Promise.all(names.map((name) => connection.setSecret.set(ref(name), fresh)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(names.map(() => 'done'));
    for (const name of names) expect(await logsIn(on.lab.port, name, { password: fresh.text((text) => text) }), name).toBe(true);
  });

  test('takes what PAM can be typed, and refuses the rest before anything is sent', async () => {
    const before = await shadow('bob');
    for (const bad of ['', 'short', 'line\nbreak-aA1', 'nul\0l-aA1-aA1', 'x'.repeat(512)])
      expect(await connection.setSecret.set(ref('bob'), secretOf('bad', bad)), bad).toMatchObject({
        kind: 'refused',
        fault: { code: 'policy' },
      });
    expect(await shadow('bob')).toBe(before);
    for (const odd of [' leading and trailing ', 'with:colons::Aa1', 'Pässwörter-用户-🔑', 'quote\'"$(id)`', 'x'.repeat(511)]) {
      value(await connection.setSecret.set(ref('bob'), secretOf('odd', odd)));
      expect(await ssh('bob', secretOf('odd', odd)), odd).toBe('accepted password');
    }
  });

  test('leaves no trace of secret or hash in a command line or a log of the host', async () => {
    const fresh = on.secret();
    // Every command line that root starts while the change runs.
    const watch = on.lab.sh('for i in $(seq 150); do cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "; sleep 0.01; done');
    value(await connection.setSecret.set(ref('carol'), fresh));
    const hash = await shadow('carol');
    const lines = (await watch).out;
    const logs = (await on.lab.sh(`cat ${on.lab.logFile} /var/log/auth.log 2>/dev/null`)).out;
    expect(lines).toContain('sudo');
    for (const made of on.made) {
      expect(lines).not.toContain(made);
      expect(logs).not.toContain(made);
    }
    expect(lines + logs).not.toContain(hash);
  });
});

describe('contain', () => {
  test('closes password and keys by the expiry date, and gives back the date there was', async () => {
    for (const [name, days] of [
      ['carol', ''],
      ['leaving', String(today + 30)],
    ] as const) {
      const expiry = async () => (await on.lab.sh(`getent shadow ${name} | cut -d: -f8`)).out.trim();
      expect(await expiry()).toBe(days);
      for (let time = 0; time < 2; time++) value(await connection.contain.block(ref(name)));
      expect(Number(await expiry())).toBeGreaterThanOrEqual(3_000);
      expect(Number(await expiry())).toBeLessThan(11_000);
      expect(value(await connection.state.read(ref(name), `127.0.0.1:${on.lab.port}`)).usable).toBe(false);
      for (let time = 0; time < 2; time++) value(await connection.contain.unblock(ref(name)));
      expect(await expiry()).toBe(days);
    }
  });

  test('an account that somebody else closed stays closed, and a reset does not open a blocked one', async () => {
    value(await connection.contain.block(ref('gone')));
    value(await connection.contain.unblock(ref('gone')));
    expect((await on.lab.sh('getent shadow gone | cut -d: -f8')).out.trim()).toBe('10');
    const fresh = on.secret();
    value(await connection.contain.block(ref('carol')));
    value(await connection.setSecret.set(ref('carol'), fresh));
    expect(await ssh('carol', fresh as never)).toBe('blocked account');
    value(await connection.contain.unblock(ref('carol')));
    expect(await ssh('carol', fresh as never)).toBe('accepted password');
  });
});

describe('sessions', () => {
  test('a login, a port forwarding and what became root below it end; Rekey and later logins stay', async () => {
    const fresh = on.secret();
    const password = fresh.text((text) => text);
    value(await connection.setSecret.set(ref('bob'), fresh));
    const login = await session(on.lab.port, 'bob', { password });
    const forwarding = await session(on.lab.port, 'bob', { password });
    void login.run('setsid sleep 600 & sleep 500');
    await expect.poll(async () => (await on.lab.sh('pgrep -u bob sleep | wc -l')).out.trim()).toBe('2');
    const listed = value(await connection.sessions.list(ref('bob')));
    expect(listed.map(({ from, own }) => [from, own]).sort()).toEqual([
      ['forwarding', false],
      ['notty', false],
    ]);
    const before = new Date(Math.max(...listed.map(({ startedAt }) => startedAt.getTime())) + 2_000);
    await expect.poll(async () => Date.now() > before.getTime() + 1_100, { timeout: 8_000 }).toBe(true);
    const later = await session(on.lab.port, 'bob', { password });
    expect(value(await connection.sessions.end(ref('bob'), before))).toEqual({ ended: 2, left: 0 });
    await Promise.all([login.gone, forwarding.gone]);
    expect((await on.lab.sh('pgrep -u bob -x sleep | wc -l')).out.trim()).toBe('0');
    expect(await later.run('echo alive')).toBe('alive\n');
    later.end();
    expect(value(await connection.state.read(ref('bob'), `127.0.0.1:${on.lab.port}`)).usable).toBe(true);
  }, 30_000);
});

describe('a host that shows another key', () => {
  test('gets nothing: writes are refused as auth with both keys named, probes are indeterminate', async () => {
    const { port } = on.lab.daemon('sshd-newkey');
    await using wrong = await on.passwords({ port });
    const outcome = await wrong.setSecret.set(ref('alice'), on.secret());
    expect(outcome).toMatchObject({
      kind: 'refused',
      fault: { code: 'auth', target: 'host-key', message: expect.stringContaining('SHA256:') },
    });
    const [where] = await wrong.probe.paths();
    expect(told(await wrong.probe.attempt(ref('alice'), on.first('alice'), where as never))).toBe('indeterminate host-key');
    const checks = [];
    for await (const check of wrong.check.run()) checks.push(check);
    expect(checks.at(-1)).toMatchObject({ id: 'tls', verdict: 'fail', next: expect.stringContaining('console') });
    // The daemon saw connections, and no user name on any of them.
    const log = (await on.lab.sh(`cat ${on.lab.logFile}`)).out;
    expect(log).not.toMatch(new RegExp(`for (alice|rekey) from 127.0.0.1 port \\d+ ssh2.*\\n.*port ${port}`));
  });

  test('is taken when the key is pinned as a line, or one of several', async () => {
    const { port, hostKey } = on.lab.daemon('sshd-newkey');
    for (const pinned of [hostKey, [on.lab.fingerprint, hostKey]]) {
      await using right = await on.passwords({ port, hostKey: pinned });
      expect((await right.inventory.page({ limit: 1 })).kind).toBe('done');
    }
  });
});
