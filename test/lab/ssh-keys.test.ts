// The connector for user keys against a real sshd: what is found in which file, what a change does to the others, and what no change touches.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountRef } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { type Ground, ground, keyPair, logsIn, type Pair, readAll, session, told, value } from './ssh-ground.ts';

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
      { name: 'faraway', keys: [`from="192.0.2.1" ${old.line}`] },
      { name: 'signed', keys: [`cert-authority,principals="signed" ${other.line}`, old.line] },
      { name: 'linked', keys: [old.line] },
      { name: 'frozen', keys: [old.line] },
      { name: 'noshell', shell: '/usr/sbin/nologin', field: '*', keys: [old.line] },
      { name: 'closed', field: '!', keys: [old.line] },
      { name: 'raced', keys: [old.line] },
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

  test('that is no private key is refused before anything is asked, and an account that is not there is not made', async () => {
    expect(await keys.setSecret.set(ref('deploy'), secretOf('p', 'hunter2'))).toMatchObject({ kind: 'refused', fault: { code: 'policy' } });
    const fresh = await keyPair();
    expect(await keys.setSecret.set({ ...ref('deploy'), id: '4242:deploy' }, fresh.secret)).toMatchObject({ fault: { code: 'not-found' } });
  });
});

describe('a file', () => {
  test('keeps its owner, its mode and its place behind a link, and no copy is left', async () => {
    await on.lab.sh(
      'cd /home/linked && mkdir dotfiles && mv .ssh/authorized_keys dotfiles/keys && chmod 640 dotfiles/keys && chown -R linked dotfiles && ln -s ../dotfiles/keys .ssh/authorized_keys',
    );
    const fresh = await keyPair();
    value(await keys.setSecret.set(ref('linked'), fresh.secret));
    expect((await on.lab.sh('stat -c "%F %U %a" /home/linked/.ssh/authorized_keys /home/linked/dotfiles/keys')).out).toBe(
      'symbolic link root 777\nregular file linked 640\n',
    );
    expect((await on.lab.sh('ls -A /home/linked/.ssh /home/linked/dotfiles')).out).not.toMatch(/keys\./);
  });

  test('that a link leads to outside the account is not written: the change is made with the rights of the account', async () => {
    await on.lab.sh(
      `echo '${old.line}' >/etc/ssh/of-root; rm /home/linked/.ssh/authorized_keys; ln -s /etc/ssh/of-root /home/linked/.ssh/authorized_keys`,
    );
    const fresh = await keyPair();
    expect(await keys.setSecret.set(ref('linked'), fresh.secret)).toMatchObject({ kind: 'refused', fault: { code: 'permission' } });
    expect((await on.lab.sh('cat /etc/ssh/of-root')).out).toBe(`${old.line}\n`);
  });

  test('that root has closed is refused, and nothing is changed', async () => {
    await on.lab.sh('chown -R root /home/frozen/.ssh; chmod 755 /home/frozen/.ssh; chmod 644 /home/frozen/.ssh/authorized_keys');
    const fresh = await keyPair();
    expect(await keys.setSecret.set(ref('frozen'), fresh.secret)).toMatchObject({ kind: 'refused', fault: { code: 'permission' } });
    expect(await file('frozen')).toBe(`${old.line}\n`);
  });

  test('that others write at the same time loses none of their lines while an overlap is open', async () => {
    const fresh = await Promise.all(['v1', 'v2', 'v3'].map((label) => keyPair(label)));
    const outcomes = await Promise.all(fresh.map(({ secret }) => keys.overlap.open(ref('raced'), secret)));
    const there = await Promise.all(fresh.map((pair) => opens('raced', pair)));
    // Whoever could not write says so; whoever says "done" is there.
    for (const [n, outcome] of outcomes.entries()) {
      expect(outcome.kind === 'done' ? there[n] : true).toBe(true);
      if (outcome.kind !== 'done') expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
    }
    expect(await opens('raced', old)).toBe(true);
  });
});

describe('a probe', () => {
  test('of a key that is listed and refused all the same is blocked: from= and modes that sshd does not trust', async () => {
    expect(await say('faraway', old)).toBe('blocked listed');
    await on.lab.sh('chmod 777 /home/pinned');
    const now = await keyPair();
    value(await keys.setSecret.set(ref('pinned'), now.secret));
    expect(await say('pinned', now)).toBe('blocked listed');
    await on.lab.sh('chmod 755 /home/pinned');
    expect(await say('pinned', now)).toBe('accepted publickey');
  });

  test('of a blocked account is blocked, and sessions that an old key opened end', async () => {
    const now = await keyPair();
    value(await keys.setSecret.set(ref('noshell'), now.secret));
    const open = await session(on.lab.port, 'noshell', { privateKey: now.text });
    value(await keys.contain.block(ref('noshell')));
    expect(await say('noshell', now)).toBe('blocked account');
    const ended = value(await keys.sessions.end(ref('noshell'), new Date(Date.now() + 60_000)));
    expect(ended).toEqual({ ended: 1, left: 0 });
    await open.gone;
    value(await keys.contain.unblock(ref('noshell')));
    expect(await say('noshell', now)).toBe('accepted publickey');
  });
});

describe('where sshd finds keys', () => {
  test('is asked of sshd itself; keys of a command and certificates are told, and the list of the estate file stands in', async () => {
    const config = `${on.dir}/daemons/sshd.conf`;
    await on.lab.sh(
      `cp ${config} ${on.dir}/other.conf; printf 'AuthorizedKeysFile /etc/ssh/keys/%%u\\nAuthorizedKeysCommand /usr/bin/true\\nAuthorizedKeysCommandUser nobody\\nTrustedUserCAKeys /etc/ssh/ca.pub\\n' >>${on.dir}/other.conf; mkdir /etc/ssh/keys; echo '${old.line}' >/etc/ssh/keys/nokeys`,
    );
    await using central = await on.keys({ sshdConfig: `${on.dir}/other.conf` });
    const [found] = await readAll(central);
    expect(found).toMatchObject({ name: 'nokeys', facts: { keysCommand: '/usr/bin/true', trustedCas: '/etc/ssh/ca.pub' } });
    const fresh = await keyPair();
    // Outside the home it is root's to write.
    value(await central.setSecret.set(ref('nokeys'), fresh.secret));
    expect((await on.lab.sh('cat /etc/ssh/keys/nokeys')).out).toContain(fresh.line.split(' ')[1] ?? '-');
    const checks = [];
    for await (const { id, verdict } of central.check.run()) checks.push(`${id} ${verdict}`);
    expect(checks).toEqual(['reach ok', 'tls ok', 'auth ok', 'rights ok', 'policy ok', 'policy warn', 'policy warn', 'clock ok']);
    await using lost = await on.keys({ sshdConfig: '/no/such/file' });
    expect((await readAll(lost)).map(({ name }) => name)).toContain('deploy');
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
