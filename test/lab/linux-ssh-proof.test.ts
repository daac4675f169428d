// What a login proves and what it does not: each way sshd, PAM, sudo and su may answer, on real daemons set up that way.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountRef, Secret } from '../../src/kit/kit.ts';
import { type Ground, ground, readAll, told, value } from './ssh-ground.ts';

let on: Ground;
let plain: Awaited<ReturnType<Ground['passwords']>>;
let ids: Map<string, string>;
const today = Math.floor(Date.now() / 86_400_000);

beforeAll(async () => {
  on = await ground(
    [
      'alice',
      'lockme',
      { name: 'locked', field: '!{hash}' },
      { name: 'expired', expireDay: today - 1 },
      { name: 'mustchange', lastDay: 0 },
      { name: 'noshell', shell: '/usr/sbin/nologin' },
      'admin',
    ],
    ['sshd-lock', 'sshd-open', 'sshd-prompt', 'sshd-slow', 'sshd-once', 'sshd-nopass', 'sshd-busy'],
  );
  await on.lab.sh(`printf 'admin ALL=(ALL) ALL\\n' >/etc/sudoers.d/admin && chmod 440 /etc/sudoers.d/admin`);
  await on.lab.sh('printf "auth required pam_unix.so nodelay\\naccount required pam_unix.so\\n" | tee /etc/pam.d/sudo >/etc/pam.d/su');
  plain = await on.passwords({ paths: ['sudo', 'su'] });
  ids = new Map((await readAll(plain)).map(({ id, name }) => [name, id]));
}, 60_000);
afterAll(async () => {
  await plain?.[Symbol.asyncDispose]();
  await on?.stop();
});

const ref = (name: string): AccountRef => ({ system: 'lab-ssh', id: ids.get(name) ?? `4242:${name}`, name });
async function say(
  name: string,
  secret: Secret,
  at: { daemon?: string; path?: string; timeoutMs?: number; pam?: boolean } = {},
): Promise<string> {
  const { daemon = 'sshd', path = 'ssh', timeoutMs = 8_000, pam = false } = at;
  const { port } = on.lab.daemon(daemon);
  await using connection = await on.passwords({ port, paths: ['sudo', 'su'], ...(pam ? { pamService: daemon } : {}) }, { timeoutMs });
  return told(await connection.probe.attempt(ref(name), secret, { path, replica: `127.0.0.1:${port}` }));
}

describe('a login over SSH', () => {
  test('proves the secret by method password and by a hidden prompt, with and without a shell', async () => {
    for (const name of ['alice', 'noshell', 'mustchange']) expect(await say(name, on.first(name)), name).toBe('accepted password');
    expect(await say('alice', on.first('alice'), { daemon: 'sshd-prompt' })).toBe('accepted keyboard-interactive');
    expect(await say('alice', on.secret(), { daemon: 'sshd-prompt' })).toBe('rejected auth-failure');
  });

  test('refused is refused also where sshd hangs up at the first failure', async () => {
    expect(await say('alice', on.secret(), { daemon: 'sshd-once' })).toBe('rejected too-many-failures');
    expect(await say('alice', on.first('alice'), { daemon: 'sshd-once' })).toBe('accepted password');
  });

  test('of a locked account is blocked, of an expired one too, though sshd says "wrong password" or nothing at all', async () => {
    expect(await say('locked', on.first('locked'))).toBe('blocked locked');
    expect(await say('expired', on.first('expired'))).toBe('blocked account');
    expect(await say('expired', on.secret())).toBe('rejected auth-failure');
    expect(await say('nobody-here', on.secret())).toBe('rejected auth-failure');
  });

  test('sends nothing where no password is taken, and where no connection is free', async () => {
    expect(await say('alice', on.first('alice'), { daemon: 'sshd-nopass' })).toBe('indeterminate not-offered');
    const { port } = on.lab.daemon('sshd-busy');
    const replica = `127.0.0.1:${port}`;
    // A connection that is turned away says when to come again.
    await using busy = await on.passwords({ port });
    const probed = await busy.probe.attempt(ref('alice'), on.first('alice'), { path: 'ssh', replica });
    expect(probed).toMatchObject({ verdict: 'indeterminate', retryAfterMs: 2_000 });
    expect(await busy.setSecret.set(ref('alice'), on.secret())).toMatchObject({
      kind: 'refused',
      fault: { code: 'throttled', retryAfterMs: 2_000 },
    });
  });

  test('of a host that lets anybody in is accepted with any value: the nonsense control catches it', async () => {
    expect(await say('alice', on.secret('nonsense'), { daemon: 'sshd-open' })).toMatch(/^accepted /);
  });

  test('waits out the delay of PAM, and says nothing when its time is shorter', async () => {
    const began = performance.now();
    expect(await say('alice', on.secret(), { daemon: 'sshd-slow' })).toBe('rejected auth-failure');
    expect(performance.now() - began).toBeGreaterThan(1_000);
    expect(await say('alice', on.secret(), { daemon: 'sshd-slow', timeoutMs: 900 })).toBe('indeterminate ETIMEDOUT');
  });

  test('that pam_faillock has closed is blocked, its count is told, and a good login clears it', async () => {
    const { port } = on.lab.daemon('sshd-lock');
    await using locking = await on.passwords({ port, pamService: 'sshd-lock' });
    const where = { path: 'ssh', replica: `127.0.0.1:${port}` };
    const attempt = async (secret: Secret) => told(await locking.probe.attempt(ref('lockme'), secret, where));
    const count = async () => value(await locking.lockout.read(ref('lockme'), where));
    expect(await count()).toEqual({ threshold: 3, failures: 0, resetsOnSuccess: true, windowSeconds: 900 });
    expect(await attempt(on.secret())).toBe('rejected auth-failure');
    expect((await count()).failures).toBe(1);
    expect(await attempt(on.first('lockme'))).toBe('accepted password');
    expect((await count()).failures).toBe(0);
    for (let n = 0; n < 2; n++) expect(await attempt(on.secret())).toBe('rejected auth-failure');
    // The third failure closes the account: from here on nothing tells right from wrong.
    expect(await attempt(on.secret())).toBe('blocked faillock');
    expect(await attempt(on.first('lockme'))).toBe('blocked faillock');
  });

  test('of a host that is down, with an empty secret, on another host or path is never an answer', async () => {
    const where = { path: 'ssh', replica: `127.0.0.1:${on.lab.port}` };
    expect(told(await plain.probe.attempt(ref('alice'), on.first('alice'), { ...where, replica: 'other:22' }))).toBe(
      'indeterminate no-such-path',
    );
    expect(told(await plain.probe.attempt(ref('alice'), on.first('alice'), { ...where, path: 'console' }))).toBe(
      'indeterminate no-such-path',
    );
    expect(await say('alice', { ...on.first('alice'), use: (f) => f(new Uint8Array()), text: (f) => f('') })).toBe(
      'indeterminate empty-secret',
    );
  });
});

describe('a password on the host itself', () => {
  test('is proved by sudo for accounts that may use it; of others sudo looks at no password, and nothing is said', async () => {
    expect(await say('admin', on.first('admin'), { path: 'sudo' })).toBe('accepted 0');
    expect(await say('admin', on.secret(), { path: 'sudo' })).toBe('rejected wrong-password');
    for (const secret of [on.first('alice'), on.secret()])
      expect(await say('alice', secret, { path: 'sudo' })).toBe('indeterminate not-in-sudoers');
    expect(await say('expired', on.secret(), { path: 'sudo' })).toBe('blocked account');
  });

  test('is proved by su, which also knows accounts that are closed', async () => {
    expect(await say('alice', on.first('alice'), { path: 'su' })).toBe('accepted 0');
    expect(await say('alice', on.secret(), { path: 'su' })).toBe('rejected wrong-password');
    expect(await say('noshell', on.first('noshell'), { path: 'su' })).toBe('blocked account');
    expect(await say('expired', on.first('expired'), { path: 'su' })).toBe('blocked account');
    expect(await say('locked', on.first('locked'), { path: 'su' })).toBe('blocked locked');
  });

  test('changes on every path at once', async () => {
    const fresh = on.secret();
    const old = on.first('admin');
    value(await plain.setSecret.set(ref('admin'), fresh));
    for (const { path } of await plain.probe.paths()) {
      expect(await say('admin', fresh, { path }), path).toMatch(/^accepted /);
      expect(await say('admin', old, { path }), path).toMatch(/^rejected /);
    }
  });
});

test('no secret of these tests is in the log of sshd', () => {
  const log = readFileSync(on.lab.logFile, 'utf8');
  expect(log.length).toBeGreaterThan(1_000);
  for (const secret of [...on.made, ...Object.values(on.lab.secrets)]) expect(log).not.toContain(secret);
});
