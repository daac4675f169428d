// What Rekey does around a reset on a real host: blocking, ending sessions, and saying nothing at all to a host that shows another key.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountRef, Secret } from '../../src/kit/kit.ts';
import { type Ground, ground, readAll, session, told, value } from './ssh-ground.ts';

const today = Math.floor(Date.now() / 86_400_000);
let on: Ground;
let connection: Awaited<ReturnType<Ground['passwords']>>;
let ids: Map<string, string>;

beforeAll(async () => {
  on = await ground(
    ['alice', 'bob', 'carol', { name: 'gone', expireDay: 10 }, { name: 'leaving', expireDay: today + 30 }],
    ['sshd-newkey'],
  );
  connection = await on.passwords();
  ids = new Map((await readAll(connection)).map(({ id, name }) => [name, id]));
}, 60_000);
afterAll(async () => {
  await connection?.[Symbol.asyncDispose]();
  await on?.stop();
});

const ref = (name: string): AccountRef => ({ system: 'lab-ssh', id: ids.get(name) ?? '', name });
const ssh = async (name: string, secret: Secret): Promise<string> => {
  const [where] = await connection.probe.paths();
  return told(await connection.probe.attempt(ref(name), secret, where ?? { path: '', replica: '' }));
};

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
    expect(await ssh('carol', fresh)).toBe('blocked account');
    value(await connection.contain.unblock(ref('carol')));
    expect(await ssh('carol', fresh)).toBe('accepted password');
  });
});

describe('sessions', () => {
  test('a login, a port forwarding and what became root below it end; Rekey and later logins stay', async () => {
    const fresh = on.secret();
    const password = fresh.text((text) => text);
    value(await connection.setSecret.set(ref('bob'), fresh));
    const login = await session(on.lab.port, 'bob', { password });
    const forwarding = await session(on.lab.port, 'bob', { password });
    await on.lab.sh("printf 'bob ALL=(ALL) NOPASSWD: ALL\\n' >/etc/sudoers.d/bob && chmod 440 /etc/sudoers.d/bob");
    void login.run('setsid sleep 600 & sudo -n sleep 700 & sleep 500');
    const sleepers = async (): Promise<string> => (await on.lab.sh("pgrep -fx 'sleep [567]00' | wc -l")).out.trim();
    await expect.poll(sleepers).toBe('3');
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
    expect(await sleepers()).toBe('0');
    expect(await later.run('echo alive')).toBe('alive\n');
    later.end();
    expect(value(await connection.state.read(ref('bob'), `127.0.0.1:${on.lab.port}`)).usable).toBe(true);
  }, 30_000);
});

describe('a host that shows another key', () => {
  test('gets nothing: writes are refused as auth with both keys named, probes are indeterminate', async () => {
    const { port } = on.lab.daemon('sshd-newkey');
    const log = async (): Promise<string> => (await on.lab.sh(`cat ${on.lab.logFile}`)).out;
    const before = (await log()).length;
    await using wrong = await on.passwords({ port });
    const outcome = await wrong.setSecret.set(ref('alice'), on.secret());
    expect(outcome).toMatchObject({
      kind: 'refused',
      fault: { code: 'auth', target: 'host-key', message: expect.stringContaining('SHA256:') },
    });
    const [where] = await wrong.probe.paths();
    expect(told(await wrong.probe.attempt(ref('alice'), on.first('alice'), where ?? { path: '', replica: '' }))).toBe(
      'indeterminate host-key',
    );
    const checks = [];
    for await (const check of wrong.check.run()) checks.push(check);
    expect(checks.at(-1)).toMatchObject({ id: 'tls', verdict: 'fail', next: expect.stringContaining('console') });
    // The daemon saw connections, and no user name on any of them.
    const seen = (await log()).slice(before).split('\n');
    const clients = seen.flatMap(
      (line) => new RegExp(`^Connection from 127.0.0.1 (port \\d+) on 127.0.0.1 port ${port} `).exec(line)?.[1] ?? [],
    );
    const said = seen.filter((line) => clients.some((client) => line.includes(`${client} `) || line.includes(`${client}:`)));
    expect(said.length).toBeGreaterThan(clients.length);
    expect(said.join('\n')).not.toMatch(/user|alice|rekey|password|publickey/i);
  });

  test('is taken when the key is pinned as a line, or one of several', async () => {
    const { port, hostKey } = on.lab.daemon('sshd-newkey');
    for (const pinned of [hostKey, [on.lab.fingerprint, hostKey]]) {
      await using right = await on.passwords({ port, hostKey: pinned });
      expect((await right.inventory.page({ limit: 1 })).kind).toBe('done');
    }
  });
});
