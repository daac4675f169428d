import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bytesOf } from '../../test/harness/inventory.ts';
import { testStore } from '../../test/harness/store.ts';
import { inventoryStore } from '../store/inventory.ts';
import type { Store } from '../store/sql.ts';
import { importPeople } from './import-people.ts';
import type { Inventory, PersonRules } from './port.ts';

let store: Store;
let close: () => Promise<void>;
let inventory: Inventory;
beforeAll(async () => ({ store, close } = await testStore()));
afterAll(() => close());
beforeEach(async () => {
  await store.query('truncate account, system, people_rules restart identity cascade');
  inventory = inventoryStore(store);
  for (const id of ['ad', 'ldap', 'db'])
    await store.query(`insert into system (id, connector, role, spec) values ($1, 'twin', 'system', '')`, [id]);
});

type Facts = { readonly mail?: string; readonly employeeNumber?: string; readonly userPrincipalName?: string };
const account = (system: string, name: string, facts: Facts = {}, kind = 'human') =>
  store.query(`insert into account (system, id, name, kind, facts) values ($1, $2, $2, $3, $4::jsonb)`, [
    system,
    name,
    kind,
    JSON.stringify(facts),
  ]);
const resolve = (match: readonly string[], systems: readonly string[] | null = null) => inventory.people.resolve({ match, systems });
const rules: PersonRules = { match: ['mail'], systems: null };
const people = async (text: string, file = 'people.csv') => {
  const report = await importPeople({ inventory }, bytesOf(`person,system,account\n${text}`), { partial: false, file });
  await inventory.people.resolve(rules);
  return report;
};
/** `system/name` → person, or why nobody. */
const told = async (): Promise<Record<string, string | null>> => {
  const rows = await store.query<{ at: string; person: string | null; why: string | null }>(
    `select system || '/' || name as at, person, person_why as why from account order by 1`,
  );
  return Object.fromEntries(rows.map(({ at, person, why }) => [at, why === null ? person : `? ${why}`]));
};

describe('by attributes', () => {
  test('accounts of different systems with the same value are one person, whatever its case; one with none is nobody’s', async () => {
    await account('ad', 'alice', { mail: 'Alice@Acme.test' });
    await account('ldap', 'asmith', { mail: 'alice@acme.test ' });
    await account('db', 'alice');
    await resolve(['mail']);
    expect(await told()).toEqual({ 'ad/alice': 'alice@acme.test', 'db/alice': null, 'ldap/asmith': 'alice@acme.test' });
    await resolve(['mail', 'login']);
    expect((await told())['db/alice']).toBe('alice@acme.test');
    await resolve(['mail', 'login'], ['ad', 'ldap']);
    expect((await told())['db/alice']).toBeNull();
  });

  test('a mailbox of two employees names nobody and says both; the weaker attribute may differ where the stronger is one', async () => {
    await account('ad', 'alice', { mail: 'desk@acme.test', employeeNumber: '7' });
    await account('ldap', 'bob', { mail: 'desk@acme.test', employeeNumber: '8' });
    await account('ad', 'carol', { mail: 'carol@acme.test', employeeNumber: '9' });
    await account('ldap', 'carol', { mail: 'c.jones@acme.test', employeeNumber: '9' });
    await resolve(['employeeId', 'mail']);
    const why = '? it is joined to accounts of 2 people by employeeId: 7, 8';
    expect(await told()).toEqual({ 'ad/alice': why, 'ad/carol': '9', 'ldap/bob': why, 'ldap/carol': '9' });
  });

  test('two accounts of one system that fit one person leave all that fit without a person, with their names', async () => {
    await account('ad', 'alice', { mail: 'alice@acme.test' });
    await account('ad', 'alice-adm', { mail: 'alice@acme.test' });
    await account('ldap', 'alice', { mail: 'alice@acme.test' });
    await resolve(['mail']);
    const why = '? 2 accounts of ad fit alice@acme.test: alice, alice-adm';
    expect(await told()).toEqual({ 'ad/alice': why, 'ad/alice-adm': why, 'ldap/alice': why });
  });

  test('a service with its owner’s mail is not its owner, and a number that is also somebody’s login joins nobody', async () => {
    await account('ad', 'alice', { mail: 'alice@acme.test' });
    await account('ldap', 'svc-mail', { mail: 'alice@acme.test' }, 'service');
    await account('db', '1001');
    await account('ldap', 'zed', { employeeNumber: '1001' });
    await resolve(['employeeId', 'mail', 'login']);
    const why = '? two attributes read 1001: employeeId, login';
    expect(await told()).toEqual({ 'ad/alice': 'alice@acme.test', 'db/1001': why, 'ldap/svc-mail': null, 'ldap/zed': why });
  });

  test('a chain of shared values is one doubt, not several guesses', async () => {
    for (let n = 0; n < 12; n++)
      await account(['ad', 'ldap', 'db'][n % 3] as string, `a${n}`, { mail: `m${n}@x`, userPrincipalName: `m${n + (n % 2)}@x` });
    await resolve(['mail', 'upn']);
    expect(Object.values(await told()).filter((each) => each?.startsWith('? it is joined to accounts of 2 people by mail'))).toHaveLength(
      10,
    );
  });
});

describe('people.csv', () => {
  test('settles a doubt: two accounts of one system are one person’s when the file says so of both', async () => {
    await account('ad', 'alice', { mail: 'alice@acme.test' });
    await account('ad', 'alice-adm', { mail: 'alice@acme.test' });
    await account('ldap', 'alice', { mail: 'alice@acme.test' });
    await people('Alice,ad,alice\n');
    const why = '? 2 accounts of ad fit alice: alice, alice-adm';
    expect(await told()).toEqual({ 'ad/alice': 'alice', 'ad/alice-adm': why, 'ldap/alice': why });
    expect(await people('Alice,ad,alice\nALICE,ad,alice-adm\n')).toMatchObject({ imported: 2, problems: [] });
    expect(await told()).toEqual({ 'ad/alice': 'alice', 'ad/alice-adm': 'alice', 'ldap/alice': 'alice' });
    await people('-,ad,alice\n-,ad,alice-adm\n');
    expect((await told())['ldap/alice']).toContain('2 accounts of ad fit alice@acme.test');
  });

  test('two declared people who share a mailbox stay two; a third account with it fits both and is nobody’s', async () => {
    await account('ad', 'alice', { mail: 'desk@acme.test' });
    await account('ldap', 'bob', { mail: 'desk@acme.test' });
    await account('db', 'desk', { mail: 'desk@acme.test' });
    await people('alice,ad,alice\nbob,ldap,bob\n');
    expect(await told()).toEqual({ 'ad/alice': 'alice', 'db/desk': '? it fits the declared people alice, bob', 'ldap/bob': 'bob' });
  });

  test('two files that name two people are both kept until one gives way; an unknown account is refused with its place', async () => {
    await account('db', 'root1', {}, 'service');
    await people('alice,db,root1\n', 'it.csv');
    await people('bob,db,root1\n', 'hr.csv');
    expect(await told()).toEqual({ 'db/root1': '? declared as alice and as bob' });
    await people('-,db,root1\n', 'hr.csv');
    expect(await told()).toEqual({ 'db/root1': 'alice' });
    await expect(people('alice,db,nobody\n')).rejects.toMatchObject({ code: 'invalid-import', place: 'people.csv:2:10' });
  });
});

test('rules that changed are followed once, and an estate without any is left alone', async () => {
  await account('ad', 'alice', { mail: 'alice@acme.test' });
  await inventory.people.follow({ match: [], systems: null });
  expect(await store.query('select * from people_rules')).toEqual([]);
  await inventory.people.follow(rules);
  expect(await told()).toEqual({ 'ad/alice': 'alice@acme.test' });
  await store.query(`update account set person = 'kept'`);
  await inventory.people.follow(rules);
  expect(await told()).toEqual({ 'ad/alice': 'kept' });
  await inventory.people.follow({ match: [], systems: null });
  expect(await told()).toEqual({ 'ad/alice': null });
});
