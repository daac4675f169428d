// A way to log in by SSH to several hosts: what each answer proves, on real daemons, for passwords and for keys.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { sshLogin } from '../../src/connectors/ssh-login/ssh-login.ts';
import type { AccountRef, Io, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { type Ground, ground, keyPair, type Pair, told } from './ssh-ground.ts';

let on: Ground;
let pair: Pair;
const account = (name: string): AccountRef => ({ system: 'directory', id: 'x', name: `uid=${name}`, login: name });

beforeAll(async () => {
  pair = await keyPair('v0');
  on = await ground(
    [
      { name: 'alice', keys: [pair.line] },
      { name: 'forced', keys: [`command="/bin/false",restrict ${pair.line}`] },
      { name: 'faraway', keys: [`from="192.0.2.1" ${pair.line}`] },
      { name: 'expired', expireDay: 10, keys: [pair.line] },
      'EXAMPLE.bob',
    ],
    ['sshd-both', 'sshd-newkey', 'sshd-nokeys', 'sshd-prompt', 'sshd-busy'],
  );
}, 60_000);
afterAll(() => on?.stop());

const at = (daemon: string, hostKey?: string) => ({
  host: '127.0.0.1',
  port: on.lab.daemon(daemon).port,
  hostKey: hostKey ?? on.lab.daemon(daemon).hostKey,
});
async function say(
  name: string,
  secret: Secret,
  hosts: readonly object[] = [at('sshd')],
  more: object = {},
  io: Partial<Io> = {},
): Promise<string[]> {
  const connection = await sshLogin.open(sshLogin.config.parse({ hosts, ...more }), on.io(io));
  const answers: string[] = [];
  for (const where of await connection.probe.paths()) answers.push(told(await connection.probe.attempt(account(name), secret, where)));
  return answers;
}

describe('a secret', () => {
  test('is proved on every host, each named by its address', async () => {
    const hosts = [at('sshd'), at('sshd-newkey')];
    const connection = await sshLogin.open(sshLogin.config.parse({ hosts }), on.io());
    expect(await connection.probe.paths()).toEqual(hosts.map(({ port }) => ({ path: 'ssh', replica: `127.0.0.1:${port}` })));
    expect(await say('alice', on.first('alice'), hosts)).toEqual(['accepted password', 'accepted password']);
    expect(await say('alice', on.secret(), hosts)).toEqual(['rejected auth-failure', 'rejected auth-failure']);
  });

  test('that is a PEM key is used as a key, and as what the estate file says', async () => {
    expect(await say('alice', pair.secret)).toEqual(['accepted publickey']);
    expect(await say('alice', (await keyPair()).secret)).toEqual(['rejected auth-failure']);
    expect(await say('alice', secretOf('p', 'no key'), undefined, { method: 'key' })).toEqual(['indeterminate not-a-key']);
    expect(await say('alice', pair.secret, undefined, { method: 'password' })).toEqual(['indeterminate not-typeable']);
  });

  test('counts as accepted when a second factor is asked for as well, and whatever command is forced', async () => {
    expect(await say('alice', on.first('alice'), [at('sshd-both')])).toEqual(['accepted partial-success']);
    expect(await say('alice', on.secret(), [at('sshd-both')])).toEqual(['rejected auth-failure']);
    expect(await say('forced', pair.secret)).toEqual(['accepted publickey']);
  });

  test('of an expired account is blocked for keys and passwords: sshd hangs up with a message and without an error', async () => {
    expect(await say('expired', pair.secret)).toEqual(['blocked account']);
    expect(await say('expired', on.first('expired'))).toEqual(['blocked account']);
  });

  test('is not sent to a host that shows another key, or takes no secrets of its kind', async () => {
    expect(await say('alice', on.first('alice'), [at('sshd-newkey', on.lab.hostKey)])).toEqual(['indeterminate host-key']);
    expect(await say('alice', pair.secret, [at('sshd-nokeys')])).toEqual(['indeterminate not-offered']);
    expect(await say('alice', on.first('alice'), [at('sshd-busy')])).toEqual(['indeterminate turned-away']);
  });

  test('goes under the name that the template makes', async () => {
    const secret = on.first('EXAMPLE.bob');
    expect(await say('bob', secret, undefined, { user: 'EXAMPLE.{login}' })).toEqual(['accepted password']);
    expect(await say('bob', secret)).toEqual(['rejected auth-failure']);
  });

  test('empty, or with a line break, is never sent', async () => {
    expect(await say('alice', secretOf('e', ''))).toEqual(['indeterminate empty-secret']);
    const first = on.first('alice').text((text) => text);
    expect(await say('alice', secretOf('two', `${first}\nmore`))).toEqual(['indeterminate not-typeable']);
  });
});

describe('a connection', () => {
  test('that is refused, ends at once, stays silent or is aborted says nothing about a secret', async () => {
    const pinned = { host: '127.0.0.1', hostKey: on.lab.fingerprint };
    expect(await say('alice', pair.secret, [{ ...pinned, port: await freePort() }])).toEqual(['indeterminate ECONNREFUSED']);
    const silent = createServer(() => {});
    const hangsUp = createServer((socket) => socket.end());
    const says = createServer((socket) => socket.end('Exceeded MaxStartups\r\n'));
    for (const server of [silent, hangsUp, says]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = (server: typeof silent): number => (server.address() as { port: number }).port;
    expect(await say('alice', pair.secret, [{ ...pinned, port: port(silent) }], {}, { timeoutMs: 300 })).toEqual([
      'indeterminate ETIMEDOUT',
    ]);
    for (const server of [hangsUp, says])
      expect((await say('alice', pair.secret, [{ ...pinned, port: port(server) }]))[0]).toBe('indeterminate turned-away');
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const began = performance.now();
    expect(await say('alice', pair.secret, [{ ...pinned, port: port(silent) }], {}, { signal: controller.signal })).toEqual([
      'indeterminate ABORTED',
    ]);
    expect(performance.now() - began).toBeLessThan(2_000);
    for (const server of [silent, hangsUp, says]) server.close();
  });
});

test('no secret is in the log of sshd', () => {
  const log = readFileSync(join(on.dir, 'sshd.log'), 'utf8');
  for (const secret of [...on.made, ...Object.values(on.lab.secrets)]) expect(log).not.toContain(secret);
});
