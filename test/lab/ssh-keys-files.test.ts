// The files of user keys on a real host: owners, modes and links that are kept, writers that meet, and keys that are listed and refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountRef } from '../../src/kit/kit.ts';
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
      { name: 'pinned', keys: [`from="127.0.0.1,10.0.0.0/8",no-pty ${old.line}`] },
      { name: 'faraway', keys: [`from="192.0.2.1" ${old.line}`] },
      { name: 'linked', keys: [old.line] },
      { name: 'frozen', keys: [old.line] },
      { name: 'noshell', shell: '/usr/sbin/nologin', field: '*', keys: [old.line] },
      { name: 'raced', keys: [old.line] },
      'nokeys',
    ],
    [],
    ['ssh-keys'],
  );
  keys = await on.keys();
  ids = new Map((await readAll(keys, 3)).map(({ id, name }) => [name, id]));
  ids.set('nokeys', `${(await on.lab.sh('id -u nokeys')).out.trim()}:nokeys`);
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
    // One file for everybody: taking "the other keys" out of it would shut out the others.
    await on.lab.sh(
      `sed 's#/etc/ssh/keys/%u#/etc/ssh/all-keys#' ${on.dir}/other.conf >${on.dir}/all.conf; echo '${old.line}' >/etc/ssh/all-keys`,
    );
    await using everybody = await on.keys({ sshdConfig: `${on.dir}/all.conf` });
    expect(await everybody.setSecret.set(ref('nokeys'), fresh.secret)).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
    expect((await on.lab.sh('cat /etc/ssh/all-keys')).out).toBe(`${old.line}\n`);
    await using lost = await on.keys({ sshdConfig: '/no/such/file' });
    expect((await readAll(lost)).map(({ name }) => name)).toContain('deploy');
  });
});
