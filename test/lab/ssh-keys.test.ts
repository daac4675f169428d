// The connector for user keys against a real sshd: what is found in which file, what a change does to the others, and what no change touches.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountRef } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { type Ground, ground, keyPair, logsIn, type Pair, readAll, told, value } from './ssh-ground.ts';

let on: Ground;
let keys: Awaited<ReturnType<Ground['keys']>>;
let ids: Map<string, string>;
let old: Pair;
let other: Pair;

beforeAll(async () => {
  [old, other] = await Promise.all([keyPair('v0', 'old laptop'), keyPair('x', 'backup job')]);
  on = await ground(
    [
      { name: 'deploy', note: 'owner Dora@example.test', keys: ['# by hand', old.line, '', other.line] },
      { name: 'second', keys: [old.line] },
      { name: 'pinned', keys: [`from="127.0.0.1,10.0.0.0/8",no-pty ${old.line}`] },
      { name: 'mixed', keys: [`restrict ${old.line}`, other.line] },
      { name: 'signed', keys: [`cert-authority,principals="signed" ${other.line}`, old.line] },
      { name: 'noshell', shell: '/usr/sbin/nologin', field: '*', keys: [old.line] },
      { name: 'closed', field: '!', keys: [old.line] },
      { name: 'x$(id>pwned)\'"y', keys: [old.line] },
      'nokeys',
      'fresh',
    ],
    [],
    ['ssh-keys'],
  );
  keys = await on.keys();
  ids = new Map((await readAll(keys, 3)).map(({ id, name }) => [name, id]));
  for (const name of ['nokeys', 'fresh']) ids.set(name, `${(await on.lab.sh(`id -u ${name}`)).out.trim()}:${name}`);
}, 60_000);
afterAll(async () => {
  await keys?.[Symbol.asyncDispose]();
  await on?.stop();
});

const ref = (name: string): AccountRef => ({ system: 'lab-keys', id: ids.get(name) ?? `1:${name}`, name });
const file = async (name: string, rest = 'authorized_keys'): Promise<string> => (await on.lab.sh(`cat /home/${name}/.ssh/${rest}`)).out;
const opens = (name: string, { text }: Pair): Promise<boolean> => logsIn(on.lab.port, name, { privateKey: text });
const say = async (name: string, { secret }: Pair): Promise<string> => {
  const [where] = await keys.probe.paths();
  return told(await keys.probe.attempt(ref(name), secret, where ?? { path: '', replica: '' }));
};

describe('inventory', () => {
  test('every account that a key opens is found once, each key by fingerprint, comment, options and file', async () => {
    const all = await readAll(keys, 2);
    const names = all.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('rekey');
    expect(names).not.toContain('nokeys');
    const by = (name: string) => all.find((found) => found.name === name);
    expect(by('deploy')).toMatchObject({
      kind: 'service',
      owner: 'dora@example.test',
      enabled: true,
      facts: { own: false, keysCommand: null, trustedCas: null },
    });
    expect(by('deploy')?.facts.keys).toMatchObject([
      { comment: 'old laptop', options: '', ca: false, type: 'ssh-ed25519', file: '/home/deploy/.ssh/authorized_keys' },
      { comment: 'backup job', fingerprint: expect.stringMatching(/^SHA256:.{43}$/) },
    ]);
    expect(by('pinned')?.facts.keys).toMatchObject([{ options: 'from="127.0.0.1,10.0.0.0/8",no-pty' }]);
    expect(by('signed')?.facts.keys).toMatchObject([{ ca: true }, { ca: false }]);
  });
});

describe('an overlap', () => {
  test('puts the new key beside the old; closed, the new one is alone, with comments kept', async () => {
    const fresh = await keyPair('v1');
    for (let time = 0; time < 2; time++) value(await keys.overlap.open(ref('deploy'), fresh.secret));
    expect([await opens('deploy', fresh), await opens('deploy', old), await opens('deploy', other)]).toEqual([true, true, true]);
    expect(await file('deploy')).toBe(`# by hand\n${old.line}\n\n${other.line}\n${fresh.line.replace(' v1', ' rekey-v1')}\n`);
    for (let time = 0; time < 2; time++) value(await keys.overlap.close(ref('deploy'), fresh.secret));
    expect(await file('deploy')).toBe(`# by hand\n\n${fresh.line.replace(' v1', ' rekey-v1')}\n`);
    expect(await say('deploy', fresh)).toBe('accepted publickey');
    expect([await say('deploy', old), await say('deploy', other)]).toEqual(['rejected auth-failure', 'rejected auth-failure']);
  });

  test('closes the second file that sshd reads by default: a key planted in authorized_keys2 is an old key too', async () => {
    await on.lab.sh(`echo '${other.line}' >/home/second/.ssh/authorized_keys2; chown second /home/second/.ssh/authorized_keys2`);
    expect(await opens('second', other)).toBe(true);
    const fresh = await keyPair('v1');
    value(await keys.overlap.open(ref('second'), fresh.secret));
    const where = `127.0.0.1:${on.lab.port}`;
    expect(value(await keys.state.read(ref('second'), where)).values).toBe(3);
    value(await keys.overlap.close(ref('second'), fresh.secret));
    expect(value(await keys.state.read(ref('second'), where)).values).toBe(1);
    expect([await opens('second', fresh), await opens('second', old), await opens('second', other)]).toEqual([true, false, false]);
    expect(await file('second', 'authorized_keys2')).toBe('');
  });
});

describe('a new key', () => {
  test('is held down by the options of the one before', async () => {
    const fresh = await keyPair('v2');
    value(await keys.setSecret.set(ref('pinned'), fresh.secret));
    expect(await file('pinned')).toBe(`from="127.0.0.1,10.0.0.0/8",no-pty ${fresh.line.replace(/ v2$/, ' rekey-v2')}\n`);
    expect([await opens('pinned', fresh), await opens('pinned', old)]).toEqual([true, false]);
  });

  test('beside keys of different options is refused, unless the estate file says which it gets', async () => {
    const [fresh, before] = [await keyPair(), await file('mixed')];
    expect(await keys.overlap.open(ref('mixed'), fresh.secret)).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
    expect(await file('mixed')).toBe(before);
    await using told = await on.keys({ options: 'restrict' });
    value(await told.overlap.open(ref('mixed'), fresh.secret));
    expect(await file('mixed')).toContain(`restrict ${fresh.line.split(' ').slice(0, 2).join(' ')} rekey-v1\n`);
  });

  test('takes the place of a CA that was trusted for the account', async () => {
    const fresh = await keyPair();
    value(await keys.setSecret.set(ref('signed'), fresh.secret));
    expect(await file('signed')).not.toContain('cert-authority');
    expect(await opens('signed', fresh)).toBe(true);
  });

  test('is the first of an account that had none, in a folder that only it may enter', async () => {
    await on.lab.sh('rm -rf /home/fresh/.ssh');
    const fresh = await keyPair();
    value(await keys.setSecret.set(ref('fresh'), fresh.secret));
    expect(await opens('fresh', fresh)).toBe(true);
    expect((await on.lab.sh('stat -c "%U %a" /home/fresh/.ssh /home/fresh/.ssh/authorized_keys')).out).toBe('fresh 700\nfresh 600\n');
  });

  test('works for accounts without a shell and without a password', async () => {
    for (const name of ['noshell', 'closed']) {
      const fresh = await keyPair();
      value(await keys.setSecret.set(ref(name), fresh.secret));
      expect([await opens(name, fresh), await opens(name, old)], name).toEqual([true, false]);
    }
  });

  test("of an account with a hostile name is that account's alone, and the name stays a name", async () => {
    const name = 'x$(id>pwned)\'"y';
    const fresh = await keyPair();
    value(await keys.overlap.open(ref(name), fresh.secret));
    expect([await opens(name, fresh), await opens(name, old)]).toEqual([true, true]);
    expect((await on.lab.sh('ls /pwned /root/pwned /home/*/pwned 2>/dev/null')).out).toBe('');
  });

  test('that is no private key is refused before anything is asked, and an account that is not there is not made', async () => {
    expect(await keys.setSecret.set(ref('deploy'), secretOf('p', 'hunter2'))).toMatchObject({ kind: 'refused', fault: { code: 'policy' } });
    const fresh = await keyPair();
    expect(await keys.setSecret.set({ ...ref('deploy'), id: '4242:deploy' }, fresh.secret)).toMatchObject({ fault: { code: 'not-found' } });
  });
});

test('no private key is in a command line or a log of the host', async () => {
  const fresh = await keyPair();
  const body = fresh.text.split('\n')[2] ?? '';
  const watch = on.lab.sh('for i in $(seq 60); do cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "; sleep 0.01; done');
  value(await keys.setSecret.set(ref('deploy'), fresh.secret));
  expect((await watch).out).not.toContain(body);
  expect(
    (await on.lab.sh(`grep -c . ${on.lab.logFile}; grep -F '${body}' -r ${on.lab.logFile} /home /etc/ssh 2>/dev/null`)).out.split('\n'),
  ).toHaveLength(2);
});

test("Rekey's own key is reset like any other, and the next connection is made with the new one", async () => {
  const own = (await readAll(keys, 100)).find(({ name }) => name === 'rekey');
  const fresh = await keyPair('v7');
  value(await keys.setSecret.set({ system: 'lab-keys', id: own?.id ?? '', name: 'rekey' }, fresh.secret));
  await on.lab.sh('pkill -KILL -u rekey sshd');
  expect(own?.facts).toMatchObject({ own: true });
  expect(await say('deploy', fresh)).toBe('rejected auth-failure');
  expect(await opens('rekey', fresh)).toBe(true);
  expect(await logsIn(on.lab.port, 'rekey', { privateKey: on.lab.rekey.privateKey })).toBe(false);
});
