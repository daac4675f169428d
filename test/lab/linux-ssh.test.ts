// The connector for Linux passwords against a real sshd, sudo and shadow file: what is found, and what a reset changes and leaves alone.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sleep } from '../../lab/process.ts';
import type { AccountRef, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { type Ground, ground, logsIn, readAll, told, value } from './ssh-ground.ts';

let on: Ground;
let connection: Awaited<ReturnType<Ground['passwords']>>;
let accounts: Map<string, AccountRef & { readonly facts: object }>;

beforeAll(async () => {
  on = await ground([
    { name: 'alice', note: 'Alice Miller <alice@example.test>' },
    'bob',
    'carol',
    { name: 'svc-orders', note: 'Orders service, owner Olga@Example.test', shell: '/usr/sbin/nologin' },
    { name: 'locked', field: '!{hash}' },
    { name: 'keyonly', field: '!' },
    { name: 'starred', field: '*' },
    { name: 'empty', field: '' },
    { name: 'gone', expireDay: 10 },
    { name: 'mustchange', lastDay: 0 },
    { name: 'toor', uid: 0 },
    { name: 'old-des', field: 'ab01FAX.bQRSU' },
    { name: 'Größe.用户' },
    { name: "o'brien$(id)" },
    'ops',
    { name: 'batch0' },
    { name: 'batch1' },
    { name: 'batch2' },
    { name: 'batch3' },
  ]);
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
const ssh = async (name: string, secret: Secret): Promise<string> => {
  const [where] = await connection.probe.paths();
  return told(await connection.probe.attempt(ref(name), secret, where ?? { path: '', replica: '' }));
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
    expect(await ssh('alice', old)).toBe('accepted password');
    for (let time = 0; time < 2; time++) value(await connection.setSecret.set(ref('alice'), fresh));
    expect(await shadow('alice')).toMatch(/^\$6\$/);
    expect(await ssh('alice', fresh)).toBe('accepted password');
    expect(await ssh('alice', on.secret('nonsense'))).toBe('rejected auth-failure');
    expect(await ssh('alice', old)).toBe('rejected auth-failure');
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
    // The first change is held for 2 s: the others read their records and wait for one chpasswd together.
    const held = await on.lab.fault('batch0', 'swallow');
    const first = connection.setSecret.set(ref('batch0'), fresh);
    await held.met;
    held.disarm();
    const others = ['batch1', 'batch2', 'batch3'].map((name) => connection.setSecret.set(ref(name), fresh));
    await sleep(1_000);
    expect((await on.lab.sh("sed -i '/^batch2:/d' /etc/passwd /etc/shadow")).code).toBe(0);
    expect((await first).kind).toBe('done');
    expect(await Promise.all(others)).toMatchObject([
      { kind: 'done' },
      { kind: 'refused', fault: { code: 'not-found' } },
      { kind: 'done' },
    ]);
    for (const name of ['batch0', 'batch1', 'batch3'])
      expect(await logsIn(on.lab.port, name, { password: fresh.text((text) => text) }), name).toBe(true);
  });

  test("goes on after Rekey's own connection was ended, and after Rekey has reset its own password", async () => {
    await on.lab.sh(`pkill -KILL -u rekey sshd`);
    expect((await connection.inventory.page({ limit: 1 })).kind).toBe('done');
    await on.lab.sh('sed "s/^rekey/ops/" /etc/sudoers.d/rekey-lab >/etc/sudoers.d/ops && chmod 440 /etc/sudoers.d/ops');
    const block = { user: 'ops', privateKey: undefined, password: { env: 'UNUSED' } };
    await using own = await on.passwords(block, { resolve: async () => on.first('ops') });
    expect(await own.contain.block(ref('ops'))).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
    const fresh = on.secret();
    value(await own.setSecret.set(ref('ops'), fresh));
    await on.lab.sh('pkill -KILL -u ops sshd');
    value(await own.setSecret.set(ref('ops'), fresh));
    expect(await logsIn(on.lab.port, 'ops', { password: fresh.text((text) => text) })).toBe(true);
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
