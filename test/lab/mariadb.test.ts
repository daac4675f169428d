// The MariaDB connector against a real server and a real replica: what is found, what a reset changes and leaves alone, two passwords at once.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { secretOf } from '../../src/seal/secret.ts';
import { type Ground, ground, readAll, value } from './mariadb-ground.ts';

const hostile = [
  'two words',
  'quo"te',
  "apo'strophe",
  'back\\slash',
  "x'@'%' IDENTIFIED BY 'y'; --",
  '`tick`',
  'a@b',
  'Größe-用户',
  '%',
  'u_der',
  '-- x',
  '/*x*/',
];
let on: Ground;

beforeAll(async () => {
  on = await ground({
    replica: true,
    settings: { 'plugin-load-add': 'auth_ed25519' },
    accounts: [
      'app@%',
      'app@127.0.0.1',
      'app@10.0.0.5',
      'twice@%',
      { id: 'edda@%', via: "VIA ed25519 USING PASSWORD('SECRET')" },
      { id: 'mixed@%', via: "VIA ed25519 USING PASSWORD('SECRET') OR mysql_native_password USING PASSWORD('SECRET') OR unix_socket" },
      { id: 'shell@%', via: "VIA mysql_native_password USING PASSWORD('SECRET') OR unix_socket" },
      { id: 'socket@%', via: 'VIA unix_socket' },
      { id: 'off@%', via: "VIA mysql_native_password USING 'invalid' OR unix_socket" },
      { id: 'limited@%', more: 'REQUIRE SSL WITH MAX_USER_CONNECTIONS 3 PASSWORD EXPIRE INTERVAL 90 DAY' },
      { id: 'svc-orders@%', grant: 'SELECT ON mysql.db' },
      { id: 'boss@%', grant: 'SUPER ON *.*' },
      { id: 'maker@%', grant: 'UPDATE ON mysql.*' },
      'limbs@%',
      ...hostile.map((user) => `${user}@%`),
    ],
  });
  await on.lab.sql(
    'CREATE ROLE strong; GRANT CREATE USER ON *.* TO strong; CREATE ROLE middle; GRANT strong TO middle; GRANT middle TO `limbs`@`%`',
  );
  await on.caughtUp();
}, 60_000);
afterAll(() => on?.stop());

const shown = async (id: string): Promise<string> => {
  const at = id.lastIndexOf('@');
  const [row] = await on.lab.sql(`SHOW CREATE USER '${id.slice(0, at)}'@'${id.slice(at + 1)}'`);
  return String(Object.values(row ?? {})[0]);
};

describe('inventory', () => {
  test('every account is found once, page by page; the hosts of one user are accounts of their own and are named together', async () => {
    const all = await readAll(on.connection, 3);
    const ids = all.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining([...Object.keys(on.lab.secrets), 'socket@%', 'rekey@%', 'root@localhost']));
    for (const role of ['strong', 'middle', 'mariadb.sys']) expect(ids.some((id) => id.startsWith(role))).toBe(false);
    const found = (id: string) => all.find((each) => each.id === id);
    const hosts = ['app@%', 'app@10.0.0.5', 'app@127.0.0.1'];
    expect(ids.filter((id) => id.startsWith('app@'))).toEqual(hosts);
    for (const id of hosts) expect(found(id)).toMatchObject({ login: 'app', facts: { hosts: ['%', '10.0.0.5', '127.0.0.1'] } });
    expect(found('svc-orders@%')).toMatchObject({ kind: 'service', enabled: true, privileged: false });
    for (const id of ['boss@%', 'maker@%', 'limbs@%', 'rekey@%', 'root@localhost']) expect(found(id)?.privileged, id).toBe(true);
    expect(found('rekey@%')?.facts).toMatchObject({ own: true });
    expect(found('app@%')?.facts).toMatchObject({ own: false, methods: ['mysql_native_password'], passwords: 1, emptyPassword: false });
    expect(found('mixed@%')?.facts).toMatchObject({ methods: ['ed25519', 'mysql_native_password', 'unix_socket'], passwords: 2 });
    expect(found('socket@%')?.facts).toMatchObject({ methods: ['unix_socket'], passwords: 0 });
    expect(found('app@%')?.changedAt).toBeInstanceOf(Date);
    expect(JSON.stringify(all)).not.toMatch(/\*[0-9A-F]{40}/);
  });

  test('include and exclude globs take users or user@host, and a glob is no LIKE pattern', async () => {
    await using some = await on.open({ include: ['app', 'svc-*', '%', 'u_der', 'edda@*'], exclude: ['app@1*'] });
    expect((await readAll(some)).map(({ id }) => id)).toEqual(['%@%', 'app@%', 'edda@%', 'svc-orders@%', 'u_der@%']);
  });
});

describe('a reset', () => {
  test.each(['app@127.0.0.1', 'twice@%', 'edda@%', 'mixed@%', 'shell@%'])(
    'of %s puts the new secret in place of the old on both servers',
    async (id) => {
      const [fresh, old] = [on.secret(), on.first(id)];
      expect(await on.say(id, old)).toEqual(['accepted 0', 'accepted 0']);
      value(await on.connection.setSecret.set(on.ref(id), fresh));
      await on.caughtUp();
      expect(await on.say(id, fresh)).toEqual(['accepted 0', 'accepted 0']);
      // Where unix_socket is tried last, its number is the answer to a wrong password.
      const no = (await shown(id)).endsWith('unix_socket') ? 'rejected 1698' : 'rejected 1045';
      expect(await on.say(id, on.secret('nonsense'))).toEqual([no, no]);
      expect(await on.say(id, old)).toEqual([no, no]);
      expect(await on.say(id, fresh)).toEqual(['accepted 0', 'accepted 0']);
    },
  );

  test("of one host leaves the user's other hosts as they are: each is an account of its own", async () => {
    const before = [await shown('app@%'), await shown('app@10.0.0.5')];
    value(await on.connection.setSecret.set(on.ref('app@127.0.0.1'), on.secret()));
    expect([await shown('app@%'), await shown('app@10.0.0.5')]).toEqual(before);
  });

  test('keeps unix_socket, REQUIRE SSL, limits and expiry, and leaves one password where there were two', async () => {
    const [fresh] = [on.secret()];
    value(await on.connection.setSecret.set(on.ref('limited@%'), fresh));
    expect(await shown('limited@%')).toMatch(/REQUIRE SSL WITH MAX_USER_CONNECTIONS 3\b.*PASSWORD EXPIRE INTERVAL 90 DAY/);
    value(await on.connection.setSecret.set(on.ref('mixed@%'), on.secret()));
    expect(await shown('mixed@%')).toMatch(/IDENTIFIED VIA ed25519 USING '[^']{43}' OR unix_socket$/);
    value(await on.connection.setSecret.set(on.ref('shell@%'), on.secret()));
    expect(await shown('shell@%')).toMatch(/IDENTIFIED VIA mysql_native_password USING '\*[0-9A-F]{40}' OR unix_socket$/);
  });

  test('of an account without a password is refused: it would open a way in that is closed', async () => {
    for (const id of ['socket@%', 'off@%']) {
      const before = await shown(id);
      expect(await on.connection.setSecret.set(on.ref(id), on.secret())).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
      expect(await shown(id)).toBe(before);
    }
  });

  test('repeated with the same secret is safe', async () => {
    const fresh = on.secret();
    for (let time = 0; time < 3; time++) value(await on.connection.setSecret.set(on.ref('edda@%'), fresh));
    expect((await on.say('edda@%', fresh))[0]).toBe('accepted 0');
  });

  test('of an account with a hostile name changes that account and no other', async () => {
    const stored = () =>
      on.lab.sql(`SELECT User, Host, JSON_VALUE(Priv, '$.authentication_string') AS hash FROM mysql.global_priv ORDER BY 1, 2`);
    const before = await stored();
    for (const user of hostile) {
      const fresh = on.secret();
      value(await on.connection.setSecret.set(on.ref(`${user}@%`), fresh));
      expect((await on.say(`${user}@%`, fresh))[0], user).toBe('accepted 0');
      value(await on.connection.contain.block(on.ref(`${user}@%`)));
      value(await on.connection.contain.unblock(on.ref(`${user}@%`)));
    }
    const after = await stored();
    expect(after.map(({ User, Host }) => `${User}@${Host}`)).toEqual(before.map(({ User, Host }) => `${User}@${Host}`));
    for (const [n, row] of after.entries())
      expect(row.hash === before[n]?.hash, String(row.User)).toBe(!(hostile.includes(String(row.User)) && row.Host === '%'));
  });

  test('of a role, of nobody, and with a value outside ASCII is refused before anything is sent', async () => {
    for (const id of ['nobody@%', 'app@192.0.2.1', 'strong@', 'no-such-account'])
      expect(await on.connection.setSecret.set(on.ref(id), on.secret()), id).toMatchObject({
        kind: 'refused',
        fault: { code: 'not-found' },
      });
    for (const bad of ['', 'pässwort', 'tab\there', 'nul\0l'])
      expect(await on.connection.setSecret.set(on.ref('app@%'), secretOf('bad', bad))).toMatchObject({
        kind: 'refused',
        fault: { code: 'policy' },
      });
  });
});

describe('an overlap (VIA new OR old)', () => {
  test.each(['twice@%', 'edda@%', 'shell@%'])(
    'of %s lets both in on both servers until it is closed, then only the new one',
    async (id) => {
      const [old, fresh] = [on.secret(), on.secret()];
      value(await on.connection.setSecret.set(on.ref(id), old));
      const others = (await shown(id)).includes('unix_socket');
      for (let time = 0; time < 2; time++) value(await on.connection.overlap.open(on.ref(id), fresh));
      await on.caughtUp();
      expect(await on.say(id, old)).toEqual(['accepted 0', 'accepted 0']);
      expect(await on.say(id, fresh)).toEqual(['accepted 0', 'accepted 0']);
      const no = others ? 'rejected 1698' : 'rejected 1045';
      expect(await on.say(id, on.secret('nonsense'))).toEqual([no, no]);
      const [primary = '', replica = ''] = await on.connection.state.replicas();
      expect(value(await on.connection.state.read(on.ref(id), replica)).values).toBe(2);
      for (let time = 0; time < 2; time++) value(await on.connection.overlap.close(on.ref(id), fresh));
      await on.caughtUp();
      expect(await on.say(id, fresh)).toEqual(['accepted 0', 'accepted 0']);
      expect(await on.say(id, old)).toEqual([no, no]);
      expect(value(await on.connection.state.read(on.ref(id), primary)).values).toBe(1);
      expect((await shown(id)).includes('unix_socket')).toBe(others);
    },
  );

  test('opened for another value while one is open keeps every value before it, and closing leaves one', async () => {
    const [first, second, third] = [on.secret(), on.secret(), on.secret()];
    value(await on.connection.setSecret.set(on.ref('twice@%'), first));
    value(await on.connection.overlap.open(on.ref('twice@%'), second));
    value(await on.connection.overlap.open(on.ref('twice@%'), third));
    for (const each of [first, second, third]) expect((await on.say('twice@%', each))[0]).toBe('accepted 0');
    value(await on.connection.overlap.close(on.ref('twice@%'), second));
    expect([(await on.say('twice@%', first))[0], (await on.say('twice@%', second))[0], (await on.say('twice@%', third))[0]]).toEqual([
      'rejected 1045',
      'accepted 0',
      'rejected 1045',
    ]);
  });
});
