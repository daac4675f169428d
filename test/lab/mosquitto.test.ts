// The Mosquitto connector against a real broker: nothing happens before the reload, the reload ends old sessions, and the file keeps all that is not ours.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, lstatSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { startSwallow } from '../../lab/swallow.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { checksOf, type Ground, ground, readAll, value } from './mosquitto-ground.ts';

const many = Array.from({ length: 8 }, (_, n) => `meter-${n}`);
let on: Ground;
beforeAll(async () => {
  on = await ground({ users: ['app', 'cart', 'mover', 'other', 'silent', 'twice', 'jane.roe', 'Größe', ...many] });
}, 60_000);
afterAll(() => on?.stop());

const file = (): string => readFileSync(on.lab.passwordFile, 'utf8');
const lineOf = (name: string): string =>
  file()
    .split('\n')
    .find((line) => line.startsWith(`${name}:`)) ?? '';

describe('a reset', () => {
  test('is done when the broker has read the file and takes the new secret; nothing else of the file moves', async () => {
    writeFileSync(on.lab.passwordFile, `# kept by hand\n\n${file()}`);
    chmodSync(on.lab.passwordFile, 0o640);
    const before = file();
    for (const name of ['app', 'Größe']) {
      const fresh = on.secret();
      value(await on.connection.setSecret.set(on.ref(name), fresh));
      expect([await on.say(name, fresh), await on.say(name, on.secret('nonsense')), await on.say(name, on.first(name))]).toEqual([
        'accepted 0',
        'rejected 5',
        'rejected 5',
      ]);
    }
    const rest = (text: string) => text.split('\n').filter((line) => !/^(app|Größe):/.test(line));
    expect(rest(file())).toEqual(rest(before));
    expect(statSync(on.lab.passwordFile).mode & 0o777).toBe(0o640);
    expect(readdirSync(on.dir).filter((name) => name.includes('rekey'))).toEqual([]);
  });

  test('whose reload does not reach the broker is in doubt: the old secret is still the one it takes; the same secret again settles it', async () => {
    await using deaf = await on.open({ reload: { command: ['true'] } }, { timeoutMs: 700 });
    const fresh = on.secret();
    expect(await deaf.setSecret.set(on.ref('silent'), fresh)).toMatchObject({
      kind: 'indeterminate',
      fault: { code: 'conflict', target: '5' },
    });
    expect([await on.say('silent', on.first('silent')), await on.say('silent', fresh)]).toEqual(['accepted 0', 'rejected 5']);
    const line = lineOf('silent');
    value(await on.connection.setSecret.set(on.ref('silent'), fresh));
    expect(lineOf('silent')).toBe(line);
    expect([await on.say('silent', on.first('silent')), await on.say('silent', fresh)]).toEqual(['rejected 5', 'accepted 0']);
  });

  test('by a reload command works, and one that fails, does not start or does not end leaves the doubt it makes', async () => {
    const script = join(on.dir, 'reload.sh');
    writeFileSync(script, `#!/bin/sh\nkill -HUP "$(head -1 ${on.lab.pidFile})"\n`, { mode: 0o755 });
    await using good = await on.open({ reload: { command: [script] } });
    value(await good.setSecret.set(on.ref('cart'), on.secret()));
    for (const [command, target] of [
      [['false'], 'exit-1'],
      [['/no/such/program'], 'NOT-STARTED'],
      [['sleep', '30'], 'ETIMEDOUT'],
    ] as const) {
      await using bad = await on.open({ reload: { command } }, { timeoutMs: 600 });
      expect(await bad.setSecret.set(on.ref('cart'), on.secret())).toMatchObject({ kind: 'indeterminate', fault: { target } });
    }
    value(await on.connection.setSecret.set(on.ref('cart'), on.secret()));
  });

  test('writes nothing when the broker cannot be told or is down: a pid that belongs to something else is never signalled', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const before = file();
    const stale = join(on.dir, 'stale.pid');
    for (const [content, target] of [
      [`${child.pid}\n`, 'NOT-MOSQUITTO'],
      ['3999999\n', 'ESRCH'],
      ['none\n', 'NO-PID'],
      ['1\n', 'NO-PID'],
    ] as const) {
      writeFileSync(stale, content);
      await using other = await on.open({ reload: { pidFile: stale } });
      expect(await other.setSecret.set(on.ref('app'), on.secret())).toMatchObject({ kind: 'refused', fault: { target } });
    }
    await using dead = await on.open({ port: await freePort() });
    expect(await dead.setSecret.set(on.ref('app'), on.secret())).toMatchObject({
      kind: 'refused',
      fault: { code: 'unreachable', target: 'ECONNREFUSED' },
    });
    expect(file()).toBe(before);
    expect(child.exitCode ?? child.signalCode).toBeNull();
    child.kill();
  });

  test('of many users at the same time loses none of them, and takes over the lock of a process that died', async () => {
    writeFileSync(join(on.dir, '.passwords.rekey-lock'), `3999999 ${hostname()}\n`);
    const fresh = many.map(() => on.secret());
    const outcomes = await Promise.all(many.map((name, n) => on.connection.setSecret.set(on.ref(name), fresh[n] as never)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(many.map(() => 'done'));
    for (const [n, name] of many.entries()) expect(await on.say(name, fresh[n] as never)).toBe('accepted 0');
    expect(readdirSync(on.dir).filter((name) => name.includes('rekey'))).toEqual([]);
  });

  test('behind a link replaces the file the link leads to, and leaves the link', async () => {
    const real = join(on.dir, 'real-passwords');
    renameSync(on.lab.passwordFile, real);
    symlinkSync(real, on.lab.passwordFile);
    const fresh = on.secret();
    value(await on.connection.setSecret.set(on.ref('app'), fresh));
    expect(await on.say('app', fresh)).toBe('accepted 0');
    expect(lstatSync(on.lab.passwordFile).isSymbolicLink()).toBe(true);
  });
});

test('of several lines of one user the broker takes the last; a reset leaves one, and the old secrets of all of them are refused', async () => {
  const first = lineOf('twice');
  const other = on.secret();
  value(await on.connection.setSecret.set(on.ref('twice'), other));
  writeFileSync(on.lab.passwordFile, `${first}\n`, { flag: 'a' });
  await on.lab.reload();
  expect([await on.say('twice', on.first('twice')), await on.say('twice', other)]).toEqual(['accepted 0', 'rejected 5']);
  expect((await readAll(on.connection)).find(({ name }) => name === 'twice')?.facts).toMatchObject({ lines: 2 });
  expect((await checksOf(on.connection)).filter(({ verdict }) => verdict === 'warn')).toMatchObject([
    { message: expect.stringContaining('twice') },
  ]);
  const fresh = on.secret();
  value(await on.connection.setSecret.set(on.ref('twice'), fresh));
  expect(
    file()
      .split('\n')
      .filter((line) => line.startsWith('twice:')),
  ).toHaveLength(1);
  for (const old of [on.first('twice'), other]) expect(await on.say('twice', old)).toBe('rejected 5');
});

test('the reload ends the open connections of the user whose password it changes, and no others', async () => {
  const [mine, others] = [await on.session('mover', on.lab.secrets.mover ?? ''), await on.session('other', on.lab.secrets.other ?? '')];
  value(await on.connection.setSecret.set(on.ref('mover'), on.secret()));
  await mine.closed;
  expect(others.socket.destroyed).toBe(false);
  others.end();
});

test('a line in plain text opens nothing: it is found as such, doctor says so, and a reset makes it a login', async () => {
  writeFileSync(on.lab.passwordFile, 'plain:lab-plain-text-0123\n', { flag: 'a' });
  await on.lab.reload();
  expect(await on.say('plain', secretOf('plain', 'lab-plain-text-0123'))).toBe('rejected 5');
  const found = await readAll(on.connection);
  expect(found.find(({ name }) => name === 'plain')).toMatchObject({ enabled: false, facts: { hash: 'unreadable' } });
  expect(found.find(({ name }) => name === 'jane.roe')).toMatchObject({
    kind: 'human',
    enabled: true,
    facts: { hash: 'pbkdf2-sha512', lines: 1 },
  });
  expect(JSON.stringify(found)).not.toContain('$7$');
  expect((await checksOf(on.connection)).filter(({ verdict }) => verdict === 'warn')).toMatchObject([
    { message: expect.stringContaining('plain') },
  ]);
  const fresh = on.secret();
  value(await on.connection.setSecret.set(on.ref('plain'), fresh));
  expect(await on.say('plain', fresh)).toBe('accepted 0');
});

test('doctor passes what is well, and tells apart a dead listener, a wrong file, a wrong pid, and a broker that takes anybody', async () => {
  const failing = async (settings: object, where = on): Promise<[string, string | undefined][]> => {
    await using other = await where.open(settings, { timeoutMs: 1_000 });
    return (await checksOf(other)).filter(({ verdict }) => verdict === 'fail').map(({ id, next }) => [id, next]);
  };
  expect(await failing({})).toEqual([]);
  expect(await failing({ port: await freePort() })).toEqual([['reach', expect.stringContaining('broker runs')]]);
  expect(await failing({ tls: {} })).toEqual([['tls', expect.stringContaining('tls.ca')]]);
  expect(await failing({ file: 'no-such-file' })).toEqual([['rights', expect.stringContaining('config.file')]]);
  expect(await failing({ reload: { pidFile: 'no-such.pid' } })).toEqual([['rights', expect.stringContaining('config.reload')]]);
  const open = await ground({ users: ['app'], anyone: true });
  try {
    expect(await failing({}, open)).toEqual([['policy', expect.stringContaining('password_file')]]);
  } finally {
    await open.stop();
  }
});

test('a probe says nothing about a secret when the broker is silent, cut off, or no broker', async () => {
  const proxy = await startSwallow({ target: { host: on.lab.host, port: on.lab.port } });
  await using through = await on.open({ port: proxy.port }, { timeoutMs: 700 });
  for (const [sees, code] of [
    ['hang', 'ETIMEDOUT'],
    ['reset', 'ECONNRESET'],
    ['close', 'ECLOSED'],
  ] as const) {
    proxy.swallowReplies(Buffer.from('MQTT'), { sees });
    expect(await on.say('app', on.first('app'), through)).toBe(`indeterminate ${code}`);
  }
  await proxy.stop();
});

test('no secret stands in the log of the broker, in the password file or beside it', () => {
  expect(on.leaks()).toEqual([]);
});
