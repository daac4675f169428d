// A Dovecot password file on real servers: rewrites Dovecot would miss, its cache, its slowness after a failure, and sessions that outlive a reset.
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LabDovecot, logOf, startDovecot } from '../../lab/dovecot.ts';
import { dovecotPasswd } from '../../src/connectors/dovecot-passwd/dovecot-passwd.ts';
import type { Check } from '../../src/kit/kit.ts';
import { hashOf } from '../../src/protocols/crypt/sha512-crypt.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { foreignWrite, mailClient, openOn, secondsTurn, takes, unhurt, value } from './dovecot-passwd-ground.ts';
import { accountOf, say } from './path-ground.ts';

const users = [...Array.from({ length: 14 }, (_, n) => `user${n}`), 'alice.smith', 'bob@lab.test'];
const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'rekey-lab-dovecot-'))) as [string, string];
let lab: LabDovecot;
/** As Debian ships it: slow after a failure; with a cache of logins, and one connection for each user. */
let usual: LabDovecot;
let n = 0;

beforeAll(async () => {
  const more = ['auth_cache_size = 1M', 'auth_cache_ttl = 1 hour', 'protocol imap {', '  mail_max_userip_connections = 1', '}'];
  [lab, usual] = await Promise.all([
    startDovecot({ dir: folders[0], users, settings: unhurt }),
    startDovecot({ dir: folders[1], users, settings: more }),
  ]);
}, 30_000);
afterAll(async () => {
  await Promise.all([lab?.stop(), usual?.stop()]);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const fresh = (): string => `cnry-${++n}-Wq"7\\ü{3}`;
const text = (of = lab): string => readFileSync(of.passwordFile, 'utf8');
const lineOf = (name: string): string =>
  text()
    .split('\n')
    .find((line) => line.startsWith(`${name}:`)) ?? '';
const checks = async (run: AsyncIterable<Check>): Promise<Check[]> => {
  const all: Check[] = [];
  for await (const check of run) all.push(check);
  return all;
};

test('a rewrite of the same size within the same second is missed by Dovecot; ours is not', async () => {
  const [name, other] = ['user0', `other-${++n}`];
  expect(await takes(lab.port, name, lab.secrets[name] as string)).toBe(true);
  const { mtimeMs } = statSync(lab.passwordFile);
  const hash = await hashOf(secretOf('x', other), 5_000);
  writeFileSync(lab.passwordFile, text().replace(lineOf(name), `${name}:{SHA512-CRYPT}${hash}`));
  utimesSync(lab.passwordFile, mtimeMs / 1000, mtimeMs / 1000);
  await secondsTurn();
  await secondsTurn();
  expect(await takes(lab.port, name, lab.secrets[name] as string)).toBe(true);
  expect(await takes(lab.port, name, other)).toBe(false);

  const on = await openOn(lab);
  const [first, ours] = [fresh(), fresh()];
  expect((await on.setSecret.set(accountOf(name), secretOf('v1', first))).kind).toBe('done');
  const { size } = statSync(lab.passwordFile);
  // Dovecot has read a file of this very second when ours comes.
  await secondsTurn();
  const second = Math.floor(Date.now() / 1000);
  utimesSync(lab.passwordFile, second, second);
  expect(await takes(lab.port, 'user1', lab.secrets.user1 as string)).toBe(true);
  expect((await on.setSecret.set(accountOf(name), secretOf('v2', ours))).kind).toBe('done');
  expect(statSync(lab.passwordFile).size).toBe(size);
  expect(await say(on, accountOf(name), ours)).toBe('accepted OK');
  expect(await say(on, accountOf(name), first)).toBe('rejected AUTHENTICATIONFAILED');
});

test('resets within one second are all seen, though the file then runs ahead of the clock', async () => {
  const names = ['user1', 'user2', 'user3', 'user4'];
  const on = await openOn(lab);
  const secrets = names.map(() => fresh());
  const outcomes = await Promise.all(names.map((name, at) => on.setSecret.set(accountOf(name), secretOf('v1', secrets[at] as string))));
  expect(outcomes.map(({ kind }) => kind)).toEqual(names.map(() => 'done'));
  for (const [at, name] of names.entries()) {
    expect(await say(on, accountOf(name), secrets[at] as string)).toBe('accepted OK');
    expect(await say(on, accountOf(name), lab.secrets[name] as string)).toBe('rejected AUTHENTICATIONFAILED');
  }
});

test('extra fields, comments, owner and mode stay; a link stays a link', async () => {
  const { uid, gid } = statSync(lab.passwordFile);
  const name = 'user5';
  const before = `# kept: as it is\n\n${text().replace(lineOf(name), `${lineOf(name)}:1000:1000:Ünsal:/home/x::allow_nets=127.0.0.0/8 userdb_quota=1`)}#end`;
  await foreignWrite(lab, before);
  chmodSync(lab.passwordFile, 0o640);
  const link = join(folders[0], 'link');
  symlinkSync(lab.passwordFile, link);
  const on = await openOn(lab, { file: link });
  expect((await on.setSecret.set(accountOf(name), secretOf('v1', fresh()))).kind).toBe('done');
  const hashes = /\{SHA512-CRYPT\}\$6\$[^:\n]+/;
  const blank = (whole: string): string =>
    whole
      .split('\n')
      .map((line) => (line.startsWith(`${name}:`) ? line.replace(hashes, 'HASH') : line))
      .join('\n');
  expect(blank(text())).toBe(blank(before));
  expect(text()).not.toBe(before);
  expect(statSync(lab.passwordFile)).toMatchObject({ uid, gid, mode: 0o100640 });
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
});

test('a cache of logins (auth_cache) keeps no old password of a password file alive', async () => {
  const [name, old, next] = ['user0', usual.secrets.user0 as string, fresh()];
  expect(await takes(usual.port, name, old)).toBe(true);
  expect(await takes(usual.port, name, old)).toBe(true);
  const on = await openOn(usual, {}, { timeoutMs: 30_000 });
  expect((await on.setSecret.set(accountOf(name), secretOf('v1', next))).kind).toBe('done');
  expect(await say(on, accountOf(name), next)).toBe('accepted OK');
  expect(await say(on, accountOf(name), old)).toBe('rejected AUTHENTICATIONFAILED');
  expect(await say(on, accountOf(name), next)).toBe('accepted OK');
});

test('after failures Dovecot makes the whole address wait: a probe with time gets its answer, one without says nothing', async () => {
  const [name, right] = ['user1', usual.secrets.user1 as string];
  const [patient, hasty] = [await openOn(usual, {}, { timeoutMs: 30_000 }), await openOn(usual, {}, { timeoutMs: 1_500 })];
  const timed = async (secret: string): Promise<number> => {
    const began = performance.now();
    await say(patient, accountOf(name), secret);
    return performance.now() - began;
  };
  expect(await timed(right)).toBeLessThan(1_500);
  expect(await timed('wrong-1')).toBeGreaterThan(1_500);
  expect(await timed('wrong-2')).toBeGreaterThan(4_000);
  expect(await say(hasty, accountOf('user2'), usual.secrets.user2 as string)).toBe('indeterminate ETIMEDOUT');
  expect(await say(patient, accountOf(name), right)).toBe('accepted OK');
  // One login with the right password and the address is forgiven.
  expect(await timed(right)).toBeLessThan(1_500);
}, 120_000);

test('the four logins of one proof fit into the timeout that holds when the estate names none', async () => {
  const [name, right] = ['user4', usual.secrets.user4 as string];
  const on = await openOn(usual, {}, { timeoutMs: 10_000 });
  const answers: string[] = [];
  for (const secret of [right, 'nonsense-1', 'old-1', right]) answers.push(await say(on, accountOf(name), secret));
  expect(answers).toEqual(['accepted OK', 'rejected AUTHENTICATIONFAILED', 'rejected AUTHENTICATIONFAILED', 'accepted OK']);
}, 60_000);

test('a mailbox connection outlives a reset; sessions.end ends it, and that of nobody else', async () => {
  const [mine, other] = [await mailClient(lab.port), await mailClient(lab.port)];
  await mine.say(`LOGIN user6 "${lab.secrets.user6}"`);
  await other.say(`LOGIN user7 "${lab.secrets.user7}"`);
  const on = await openOn(lab);
  const account = accountOf('user6');
  expect((await on.setSecret.set(account, secretOf('v1', fresh()))).kind).toBe('done');
  expect(await mine.say('NOOP')).toMatch(/ OK /);
  const listed = value(await on.sessions.list(account));
  expect(listed).toHaveLength(1);
  expect(listed[0]).toMatchObject({ from: '127.0.0.1', own: false });
  expect(Math.abs((listed[0]?.startedAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(value(await on.sessions.end(account, new Date(0)))).toEqual({ ended: 0, left: 0 });
  expect(value(await on.sessions.end(account, new Date()))).toEqual({ ended: 1, left: 0 });
  await mine.closed;
  expect(await other.say('NOOP')).toMatch(/ OK /);
  expect(value(await on.sessions.list(account))).toEqual([]);
  other.socket.destroy();
});

test('a name that doveadm would read as a mask ends nobody', async () => {
  const client = await mailClient(lab.port);
  await client.say(`LOGIN user7 "${lab.secrets.user7}"`);
  const on = await openOn(lab);
  for (const name of ['*', 'user?']) {
    expect((await on.sessions.end(accountOf(name), new Date())).kind).toBe('refused');
    expect((await on.sessions.list(accountOf(name))).kind).toBe('refused');
  }
  expect(await client.say('NOOP')).toMatch(/ OK /);
  client.socket.destroy();
});

test('without doveadm sessions are not claimed to be ended, and doctor says so', async () => {
  const on = await openOn(lab, { doveadm: ['/no/such/doveadm'] });
  expect(await on.sessions.list(accountOf('user7'))).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
  expect((await checks(on.check.run())).find(({ id }) => id === 'sessions')).toMatchObject({ verdict: 'warn' });
});

test('a switched-off account says blocked to its own secret and rejected to another; what somebody else closed stays closed', async () => {
  const [name, right] = ['user8', lab.secrets.user8 as string];
  const on = await openOn(lab);
  const before = text();
  expect((await on.contain.block(accountOf(name))).kind).toBe('done');
  expect((await on.contain.block(accountOf(name))).kind).toBe('done');
  expect(await say(on, accountOf(name), right)).toBe('blocked CONTACTADMIN');
  expect(await say(on, accountOf(name), 'wrong')).toBe('rejected AUTHENTICATIONFAILED');
  // A reset of it is done, and opens nothing.
  const next = fresh();
  expect((await on.setSecret.set(accountOf(name), secretOf('v1', next))).kind).toBe('done');
  expect(await say(on, accountOf(name), next)).toBe('blocked CONTACTADMIN');
  expect((await on.contain.unblock(accountOf(name))).kind).toBe('done');
  expect((await on.contain.unblock(accountOf(name))).kind).toBe('done');
  expect(await say(on, accountOf(name), next)).toBe('accepted OK');
  await foreignWrite(lab, before.replace(lineOf(name), '').replace(/^(user9:.*)$/m, '$1::::::nologin'));
  expect(await on.contain.unblock(accountOf('user9'))).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
  expect(await say(on, accountOf('user9'), lab.secrets.user9 as string)).toBe('blocked CONTACTADMIN');
});

test('an account with all its connections in use says that its secret is right', async () => {
  const name = 'user3';
  const client = await mailClient(usual.port);
  await client.say(`LOGIN ${name} "${usual.secrets[name]}"`);
  const on = await openOn(usual, {}, { timeoutMs: 30_000 });
  expect(await say(on, accountOf(name), usual.secrets[name] as string)).toBe('blocked LIMIT');
  client.socket.destroy();
});

test('people, services and what is stored are told; pages follow names', async () => {
  const on = await openOn(lab);
  const page = value(await on.inventory.page({ limit: 3 }));
  expect(page.items.map(({ name, kind }) => `${name} ${kind}`)).toEqual(['alice.smith human', 'bob@lab.test human', 'user0 service']);
  expect(page.next).toBe('user0');
  expect(page.items[0]?.facts).toEqual({ scheme: 'SHA512-CRYPT', lines: 1 });
  expect(JSON.stringify(page)).not.toContain('$6$');
});

test('doctor names entries without a password, in clear, and in capital letters', async () => {
  await foreignWrite(lab, `${text()}\nopen:::::::nopassword\nClear:{PLAIN}x\n`);
  const on = await openOn(lab);
  const found = (await checks(on.check.run())).filter(({ verdict }) => verdict !== 'ok');
  expect(found.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(['policy warn', 'policy fail', 'policy warn']);
  expect(value(await on.lockout.read(accountOf('user0'), { path: 'imap', replica: '' })).threshold).toBe(0);
  const state = value(await on.state.read(accountOf('Clear'), `${lab.host}:${lab.port}`));
  await foreignWrite(lab, text().replace('{PLAIN}x', '{PLAIN}y'));
  // A digest of a value in clear would let anybody who holds the record guess it.
  expect(value(await on.state.read(accountOf('Clear'), `${lab.host}:${lab.port}`)).marker).toBe(state.marker);
  expect((await on.setSecret.set(accountOf('open'), secretOf('v1', fresh()))).kind).toBe('refused');
});

describe('secrecy', () => {
  test('no secret stands in a log or a file of the server', async () => {
    const on = await openOn(lab);
    const canary = 'cnryZq7-never-in-a-log';
    expect((await on.setSecret.set(accountOf('user10'), secretOf('v1', canary))).kind).toBe('done');
    await say(on, accountOf('user10'), `${canary}-wrong`);
    expect(logOf(lab)).toContain('user10');
    for (const entry of readdirSync(folders[0], { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const content = readFileSync(join(entry.parentPath, entry.name), 'latin1');
      expect(content.includes(canary) || content.includes(Buffer.from(canary).toString('base64').slice(0, 20)), entry.name).toBe(false);
      expect(entry.name).not.toContain('rekey-');
    }
  });
});

test('a password in the clear to another machine is refused by the name of the field', () => {
  const config = { file: 'users', imap: { hosts: [{ host: 'mail.example.test' }], tls: { mode: 'disable' } } };
  expect(() => dovecotPasswd.config.parse(config)).toThrow(/imap/);
});
