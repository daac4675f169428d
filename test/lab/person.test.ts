// One person, one value, one verdict over real servers: a directory, the VPN that asks it, and a database that has passwords of its own.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Freeradius, startFreeradius } from '../../lab/freeradius.ts';
import { startPostgres } from '../../lab/postgres.ts';
import { startSlapd } from '../../lab/slapd.ts';
import type { AccountView, PersonView, PlanView, RunView } from '../../src/domain/view.ts';
import { installProduct, type Product } from './estate/product.ts';

const size = 5;
const refusal = 'wrong password';
let dir: string;
let home: string;
let slapd: Awaited<ReturnType<typeof startSlapd>>;
let radius: Freeradius;
let database: Awaited<ReturnType<typeof startPostgres>>;
let product: Product;
/** The same command, with a password for the database's administrator that is not his. */
let lockedOut: Product;
let uids: string[];
let plan: PlanView;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rekey-person-'));
  home = join(dir, 'estate');
  mkdirSync(home);
  slapd = await startSlapd({ dir: join(dir, 'slapd'), people: size, services: 0, ppolicy: {}, sync: false });
  radius = await startFreeradius({
    dir: join(dir, 'radius'),
    ldap: { url: slapd.url, bindDn: slapd.bindDn, bindPassword: slapd.bindPassword, base: slapd.base },
    mark: refusal,
  });
  uids = Array.from({ length: size }, (_, n) => slapd.people.uid(n));
  database = await startPostgres({ dir: join(dir, 'postgresql'), roles: uids });
  const vpn = { servers: [{ host: radius.host, port: radius.port }], secret: { env: 'LAB_RADIUS' }, confirm: { replyMessage: refusal } };
  const systems = [
    {
      id: 'corp-ldap',
      connector: 'ldap',
      owner: 'iam@example.test',
      config: {
        url: slapd.ldapsUrl,
        ca: slapd.ca,
        base: slapd.base,
        bind: { dn: slapd.bindDn, password: { env: 'LAB_LDAP' } },
        filter: `(|${uids.map((uid) => `(uid=${uid})`).join('')})`,
      },
      password: { exclude: '-_' },
      paths: [{ id: 'vpn', probe: 'radius', config: vpn }],
    },
    {
      id: 'orders-db',
      connector: 'postgresql',
      owner: 'dba@example.test',
      config: { host: database.host, port: database.port, user: database.rekey.user, password: { env: 'LAB_PG' }, include: uids },
      password: { length: 30, classes: ['lower', 'upper', 'digit'] },
    },
  ];
  writeFileSync(
    join(home, 'rekey.yaml'),
    JSON.stringify({
      apiVersion: 'rekey/v1',
      estate: 'person-lab',
      keyring: { provider: 'file', path: '.rekey/keyring' },
      approvals: { count: 0, tier0: 0, self: true },
      people: { match: ['login'] },
      sync: [{ name: 'office', systems: ['corp-ldap', 'orders-db'] }],
      systems,
    }),
  );
  const leaked = [
    ...uids.map((uid) => `corp-ldap,uid=${uid},${slapd.initialPassword(uid)}`),
    ...uids.map((uid) => `orders-db,${uid},${database.secrets[uid]}`),
  ];
  writeFileSync(join(home, 'exposed.csv'), `system,account,secret\n${leaked.join('\n')}\n`, { mode: 0o600 });
  // A role is taken for a service until somebody says better: one file says that they are people's, another names the person of the last.
  const own = uids.slice(0, -1);
  writeFileSync(join(home, 'owners.csv'), `system,account,kind\n${own.map((uid) => `orders-db,${uid},human\n`).join('')}`);
  writeFileSync(join(home, 'people.csv'), `person,system,account\n${uids.at(-1)},orders-db,${uids.at(-1)}\n`);
  const env = { LAB_LDAP: slapd.bindPassword, LAB_RADIUS: radius.shared, LAB_PG: database.rekey.password, REKEY_USER: 'lead' };
  product = installProduct(join(dir, 'product'), env);
  lockedOut = installProduct(join(dir, 'locked-out'), { ...env, LAB_PG: 'not the password' });
  await product.json(home, 0, 'init', '--name', 'person-lab');
  await product.json(home, 0, 'discover');
  for (const kind of ['owners', 'people', 'exposed']) await product.json(home, 0, 'import', kind, `${kind}.csv`);
}, 240_000);
afterAll(async () => {
  await radius?.stop();
  await slapd?.stop();
  await database?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function people(run: string): Promise<readonly PersonView[]> {
  const { out } = await product.run(home, 'run', 'people', run, '--json');
  const lines = out.trim().split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as PersonView);
}
const shown = async (account: string): Promise<string> =>
  (await product.json<{ secret: string }>(home, 0, 'reveal', account, '--reveal')).secret;

test('accounts of one login are one person, and the plan unites both policies and puts the directory first', async () => {
  const account = await product.json<AccountView>(home, 0, 'account', 'show', `orders-db/${uids[0]}`);
  expect(account).toMatchObject({ person: uids[0], personWhy: null });
  const narrow = await product.json<PlanView>(home, 0, 'plan', '--reason', 'leaked', '--where', 'system = corp-ldap');
  expect(narrow.people).toMatchObject({ count: size, further: size });
  plan = await product.json<PlanView>(home, 0, 'plan', '--name', 'evict', '--reason', 'leaked', '--where', 'exposed = true');
  expect(plan.blockers).toEqual([]);
  expect(plan.people).toEqual({ count: size, further: 0, sample: [] });
  expect(plan.sync).toMatchObject([
    {
      name: 'office',
      form: { length: 30, demanded: expect.arrayContaining(['lower', 'upper', 'digit']) },
      accounts: 2 * size,
      order: 'corp-ldap in wave 1, then orders-db in wave 2',
    },
  ]);
  expect(plan.sync[0]?.form?.sets.symbol).not.toMatch(/[-_]/);
}, 240_000);

test('while the database cannot be reached every person is out of step, and by which account', async () => {
  const ran = await lockedOut.run(home, 'apply', plan.id, '--yes', '--json');
  expect(ran.exit).toBe(7);
  const run = (JSON.parse(ran.out) as { data: RunView }).data;
  const all = await people(run.id);
  expect(all.map(({ person }) => person)).toEqual([...uids].sort());
  for (const each of all)
    expect(each).toMatchObject({
      verdict: 'not-proved',
      done: false,
      sync: [{ group: 'office', step: 'not-in-step', behind: [`orders-db/${each.person}`] }],
    });
}, 240_000);

test('a retry with the database back gives it the very value of the directory: one person, one secret, done', async () => {
  const [run] = await product.json<RunView[]>(home, 0, 'run', 'ls');
  const before = await shown(`corp-ldap/uid=${uids[0]}`);
  const retried = await product.json<RunView>(home, 0, 'run', 'retry', run!.id, '--state', 'planned,sealed');
  expect(retried.state).toBe('complete');
  for (const each of await people(run!.id)) {
    expect(each).toMatchObject({ verdict: 'done', done: true, sync: [{ step: 'in-step', behind: [] }], leftOut: [] });
    expect(each.cells).toMatchObject({ notProved: 0, inferred: 0 });
  }
  expect(await shown(`orders-db/${uids[0]}`)).toBe(before);
  const values = new Set<string>();
  for (const uid of uids) {
    const value = await shown(`corp-ldap/uid=${uid}`);
    expect(value).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[^-_]{30}$/);
    expect(await shown(`orders-db/${uid}`)).toBe(value);
    values.add(value);
  }
  expect(values.size).toBe(size);
}, 240_000);

test('the servers say the same: the one value opens the directory and the database, and the leaked ones open neither', async () => {
  for (const uid of uids.slice(0, 2)) {
    const value = await shown(`corp-ldap/uid=${uid}`);
    expect([await binds(uid, value), await logsIn(uid, value)]).toEqual([true, true]);
    expect([await binds(uid, slapd.initialPassword(uid)), await logsIn(uid, database.secrets[uid] ?? '')]).toEqual([false, false]);
  }
}, 240_000);

const binds = (uid: string, secret: string): Promise<boolean> =>
  runs('ldapwhoami', ['-x', '-H', slapd.ldapsUrl, '-D', `uid=${uid},ou=people,${slapd.base}`, '-w', secret], { LDAPTLS_CACERT: slapd.ca });
const logsIn = (uid: string, secret: string): Promise<boolean> =>
  runs('psql', ['-h', database.host, '-p', String(database.port), '-U', uid, '-w', '-Atqc', 'SELECT 1', 'postgres'], {
    PGPASSWORD: secret,
  });

function runs(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(command, args, { env: { PATH: process.env.PATH, LC_ALL: 'C', ...env }, timeout: 15_000 }, (error) =>
      resolve(error === null),
    ).stdin?.end();
  });
}
