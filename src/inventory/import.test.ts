import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bytesOf, sampleInventory, sampleSeal, sampleSystems } from '../../test/harness/inventory.ts';
import { testStore } from '../../test/harness/store.ts';
import { Problem } from '../domain/problem.ts';
import { compileSelector } from '../domain/selector/compile.ts';
import type { Store } from '../store/sql.ts';
import { accounts, accountView, resolveAccount } from './accounts.ts';
import { importConsumers } from './import-consumers.ts';
import { importExposed } from './import-exposed.ts';
import { importOwners } from './import-owners.ts';
import type { Inventory } from './port.ts';

let store: Store;
let close: () => Promise<void>;
let inventory: Inventory;
beforeAll(async () => ({ store, close } = await testStore()));
afterAll(() => close());
beforeEach(async () => {
  await store.query('truncate account, consumer, secret, discovery, system restart identity cascade');
  inventory = await sampleInventory(store);
});

const header = 'system,account,identity,kind,owner,manager,tier,tags\n';
const owners = (text: string, partial = false, file = 'owners.csv') => importOwners({ inventory }, bytesOf(text), { partial, file });
const view = (account: string, system = 'corp-ldap') => accountView({ inventory }, system, account);
const stores = { isStore: (id: string) => id === 'vault' || id === 'file', known: ['vault', 'file'] };
const consumers = (text: string, partial = false) =>
  importConsumers({ inventory, stores }, bytesOf(text), { partial, file: 'consumers.csv' });
const snapshot = async () =>
  JSON.stringify([
    await store.query('select * from account order by key'),
    await store.query('select * from consumer order by key'),
    await store.query('select * from secret order by key'),
  ]);
const refusal = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof Problem)) throw error ?? new Error('was accepted');
  return error;
};

describe('owners.csv', () => {
  test('says owner, identity, kind, tier and tags of accounts found by name, login, id or locator', async () => {
    const report = await owners(
      `${header}corp-ldap,uid=alice,alice,human,boss@example.test,chief@example.test,0,vip;remote\ncorp-ldap,svc-backup,,service,ops@example.test,,,\n` +
        `corp-ldap,id-uid=bob-28,,,boss@example.test,,,\ncorp-ldap,"uid=carol,ou=people,dc=example,dc=test",,,boss@example.test,,,\n`,
    );
    expect(report).toEqual({ rows: 4, imported: 4, problems: [] });
    expect(await view('alice')).toMatchObject({
      owner: 'boss@example.test',
      identity: 'alice',
      kind: 'human',
      tier: 0,
      tags: ['remote', 'vip'],
      blockers: [],
    });
    expect(await view('uid=svc-backup')).toMatchObject({ owner: 'ops@example.test', kind: 'service', tier: 1 });
    expect((await view('bob')).owner).toBe('boss@example.test');
    expect((await view('carol')).owner).toBe('boss@example.test');
  });

  test('finds LDAP names in any case and spacing, but an exact name first', async () => {
    await owners(`${header}corp-ldap,"UID=Carol, OU=People, DC=example, DC=test",,,x@example.test,,,\n`);
    expect((await view('carol')).owner).toBe('x@example.test');
    expect(await resolveAccount({ inventory }, 'corp-ldap', 'UID=ALICE')).toBe(await resolveAccount({ inventory }, 'corp-ldap', 'alice'));
  });

  test('two owners, in one file or over two, are both kept and block the account until one is withdrawn', async () => {
    await owners(`${header}corp-ldap,alice,,,a@example.test,,,\ncorp-ldap,uid=alice,,,b@example.test,,,\n`);
    expect(await view('alice')).toMatchObject({ owner: null, blockers: ['two-owners'] });
    await owners(`${header}corp-ldap,alice,,,a@example.test,,,\n`);
    expect(await view('alice')).toMatchObject({ owner: 'a@example.test', blockers: [] });
    await owners(`${header}corp-ldap,alice,,,c@example.test,,,\n`, false, 'hr.csv');
    expect((await view('alice')).blockers).toEqual(['two-owners']);
    await owners(`${header}corp-ldap,alice,,,,,,\n`, false, 'hr.csv');
    expect((await view('alice')).owner).toBe('a@example.test');
  });

  test('no owner anywhere is a blocker; the owner of last resort of the system is an owner', async () => {
    expect((await view('alice')).blockers).toEqual(['no-owner']);
    expect(await view('hr_app', 'hr-db')).toMatchObject({ owner: 'dba@example.test', blockers: [] });
  });

  test('an owner whose own accounts are all disabled blocks', async () => {
    await owners(`${header}corp-ldap,bob,bob@example.test,human,x@example.test,,,\ncorp-ldap,alice,,,bob@example.test,,,\n`);
    expect((await view('alice')).blockers).toEqual([]);
    await store.query(`update account set enabled = false where name = 'uid=bob'`);
    expect((await view('alice')).blockers).toEqual(['owner-disabled']);
  });

  test('the same file again changes nothing, not even a row version', async () => {
    const text = `${header}corp-ldap,alice,al,human,a@example.test,,0,x y\ncorp-ldap,alice,al,human,b@example.test,,0,x y\n`;
    await owners(text);
    const rows = () =>
      store.query<{ xmin: string; declared: unknown }>('select xmin::text as xmin, declared, owners from account order by key');
    const before = await rows();
    await owners(text);
    expect(await rows()).toEqual(before);
  });

  test('formula characters stay what they are', async () => {
    await owners(`${header}corp-ldap,alice,=1+1,,@owner,,,+tag\n`);
    expect(await view('alice')).toMatchObject({ identity: '=1+1', owner: '@owner', tags: ['+tag'] });
  });

  test('one bad row keeps everything out; with --partial only itself', async () => {
    const text = `${header}corp-ldap,alice,,,a@example.test,,,\ncorp-ldap,nobody,,,a@example.test,,,\n`;
    const before = await snapshot();
    const problem = await refusal(owners(text));
    expect(problem).toMatchObject({ code: 'invalid-import', message: '1 of 2 rows of owners.csv are bad; nothing was imported' });
    expect(await snapshot()).toBe(before);
    const report = await owners(text, true);
    expect(report).toMatchObject({ rows: 2, imported: 1, problems: [{ place: 'owners.csv:3:11' }] });
    expect((await view('alice')).owner).toBe('a@example.test');
  });

  test('all bad rows are counted and the first thousand listed in file order', async () => {
    const rows = Array.from({ length: 2500 }, (_, n) => `corp-ldap,nobody-${n},,,a@example.test,,,\n`).join('');
    const problem = await refusal(owners(`${header}corp-ldap,alice,,,a@example.test,,9,\n${rows}`));
    expect(problem.message).toContain('2501 of 2501 rows');
    expect(problem.details).toHaveLength(1000);
    expect(problem.details.slice(0, 2).map((d) => d.place)).toEqual(['owners.csv:2:35', 'owners.csv:3:11']);
    expect((await owners(`${header}${'corp-ldap,alice,,,a@example.test,,,\n'.repeat(1500)}`, true)).imported).toBe(1);
  });

  test('an upload that breaks off leaves nothing behind', async () => {
    const before = await snapshot();
    const broken = async function* () {
      yield Buffer.from(`${header}corp-ldap,alice,,,a@example.test,,,\n`);
      throw new Problem('invalid-import', { message: 'the upload ended before the file did' });
    };
    expect((await refusal(importOwners({ inventory }, broken(), { partial: true, file: 'owners.csv' }))).message).toContain(
      'the upload ended',
    );
    expect(await snapshot()).toBe(before);
  });
});

describe('what a later discovery finds', () => {
  test('does not undo what an import said, and its owner hint counts only where no import named an owner', async () => {
    await owners(`${header}corp-ldap,alice,,agent,a@example.test,,0,x\n`);
    const found = (name: string) => ({
      id: `id-uid=${name}-28`,
      name: `uid=${name}`,
      locator: null,
      login: name,
      kind: 'human' as const,
      managed: 'enterprise' as const,
      shared: true,
      privileged: false,
      enabled: true,
      hint: 'hint@example.test',
      changedAt: null,
      facts: {},
    });
    await inventory.discoveries.begin('corp-ldap');
    await inventory.discoveries.page('corp-ldap', [found('alice'), found('bob')], null);
    expect(await view('alice')).toMatchObject({ owner: 'a@example.test', kind: 'agent', tier: 0, shared: false, tags: ['x'] });
    expect(await view('bob')).toMatchObject({ owner: 'hint@example.test', kind: 'human', shared: true });
    await owners(`${header}corp-ldap,bob,,,b@example.test,,,\n`);
    expect((await view('bob')).owner).toBe('b@example.test');
    await owners(`${header}corp-ldap,bob,,,,,,\n`);
    expect((await view('bob')).owner).toBe('hint@example.test');
  });

  test('a changed tier or owner of the system reaches the accounts that declared none of their own', async () => {
    await owners(`${header}corp-ldap,alice,,,a@example.test,,3,\n`);
    await inventory.systems.sync(sampleSystems.map((s) => (s.id === 'corp-ldap' ? { ...s, tier: 0, owner: 'sys@example.test' } : s)));
    expect(await view('alice')).toMatchObject({ owner: 'a@example.test', tier: 3 });
    expect(await view('bob')).toMatchObject({ owner: 'sys@example.test', tier: 0 });
    await inventory.systems.sync(sampleSystems.slice(1));
    expect((await inventory.systems.list()).find((s) => s.id === 'corp-ldap')?.role).toBe('removed');
  });
});

describe('consumers.csv', () => {
  const head = 'system,account,consumer,store,ref,owner,reload,health\n';
  test('maps every place a secret is used; again changes nothing; a moved place is mapped anew', async () => {
    const text = `${head}corp-ldap,svc-backup,nightly,file,/etc/backup.env#PASS,ops@example.test,systemctl reload backup,\ncorp-ldap,svc-backup,restore,vault,kv/backup,,,\n`;
    expect(await consumers(text)).toEqual({ rows: 2, imported: 2, problems: [] });
    await store.query(`update consumer set state = 'adopted'`);
    const before = await snapshot();
    await consumers(text);
    expect(await snapshot()).toBe(before);
    await consumers(text.replace('kv/backup', 'kv/elsewhere'));
    expect((await view('svc-backup')).consumers).toEqual([
      { consumer: 'nightly', store: 'file', ref: '/etc/backup.env#PASS', owner: 'ops@example.test', state: 'adopted' },
      { consumer: 'restore', store: 'vault', ref: 'kv/elsewhere', owner: null, state: 'mapped' },
    ]);
  });
});

describe('exposed.csv', () => {
  const head = 'system,account,secret\n';
  const run = (text: string, seal = sampleSeal(store), partial = false) =>
    importExposed({ inventory, seal }, bytesOf(text), { partial, file: 'exposed.csv' });
  const rows = () =>
    store.query<{ account: string; version: number; sealed: Uint8Array; state: string }>(
      `select account::text as account, version, sealed, state from secret where origin = 'leaked' order by account, version`,
    );

  test('seals each leaked value to the last character, once, numbered per account', async () => {
    const seal = sampleSeal(store);
    expect(
      await run(
        `${head}corp-ldap,alice," pw1 "\ncorp-ldap,alice,pw2\ncorp-ldap,uid=alice,pw2\ncorp-ldap,bob,pw2\ncorp-ldap,carol,\n`,
        seal,
      ),
    ).toEqual({ rows: 5, imported: 5, problems: [] });
    await run(`${head}corp-ldap,alice,pw2\ncorp-ldap,alice,pw3\n`, seal);
    const sealed = await rows();
    expect(sealed.map((r) => [r.version, seal.open(r)])).toEqual([
      [1, ' pw1 '],
      [2, 'pw2'],
      [3, 'pw3'],
      [1, 'pw2'],
    ]);
    expect([
      (await view('alice')).exposed,
      (await view('carol')).exposed,
      (await view('twin').catch(() => ({ exposed: false }))).exposed,
    ]).toEqual([true, true, false]);
  });

  test('works without the column secret', async () => {
    expect(await run('system,account\ncorp-ldap,alice\n')).toMatchObject({ imported: 1 });
    expect(await rows()).toEqual([]);
    expect((await view('alice')).exposed).toBe(true);
  });

  test('a refused file leaves no leaked value and no mark behind, and shows none', async () => {
    const problem = await refusal(
      run(
        `${head}corp-ldap,alice,hunter2hunter2\ncorp-ldap,nobody,hunter2hunter2\ncorp-ldap,bob,hunter2"hunter2\ncorp-ldap,bob,hunter2hunter2,hunter2hunter2\n`,
      ),
    );
    expect(problem.details).toHaveLength(3);
    expect(JSON.stringify([problem.message, problem.hint, problem.details])).not.toContain('hunter2');
    expect(await rows()).toEqual([]);
    expect((await view('alice')).exposed).toBe(false);
  });

  test('no leaked value stands in the store in the clear', async () => {
    await run(`${head}corp-ldap,alice,hunter2hunter2\n`);
    expect(await snapshot()).not.toContain('hunter2');
    expect(Buffer.from((await rows())[0]?.sealed ?? []).includes('hunter2')).toBe(false);
  });
});

describe('the inventory as it is read', () => {
  const list = (where: string, limit: number, cursor?: string) =>
    accounts({ inventory, compile: compileSelector, now: () => new Date() }, { where, limit, ...(cursor === undefined ? {} : { cursor }) });

  test('pages give every account once, in order', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list('all', 2, cursor);
      seen.push(...page.items.map((a) => `${a.system}/${a.account}`));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual([
      'corp-ldap/uid=alice',
      'corp-ldap/uid=bob',
      'corp-ldap/uid=carol',
      'corp-ldap/uid=svc-backup',
      'corp-ldap/uid=twin',
      'corp-ldap/uid=twin',
      'hr-db/hr_app',
    ]);
  });
  test.each(['account', 'tier', 'kind', 'owner', 'changed'] as const)(
    'sorted by %s, either way, pages give every account once, and turned round is the reverse',
    async (by) => {
      const all = async (descending: boolean): Promise<string[]> => {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await accounts(
            { inventory, compile: compileSelector, now: () => new Date() },
            { where: 'all', limit: 2, sort: { by, descending }, ...(cursor === undefined ? {} : { cursor }) },
          );
          seen.push(...page.items.map((a) => a.id));
          cursor = page.cursor;
        } while (cursor !== undefined);
        return seen;
      };
      const up = await all(false);
      expect(new Set(up).size).toBe(7);
      expect(await all(true)).toEqual(up.reverse());
    },
  );
  test('a selector chooses, a bad one and a foreign cursor say so', async () => {
    expect((await list('system = hr-db and kind = application', 10)).items.map((a) => a.account)).toEqual(['hr_app']);
    expect((await refusal(list('system == x', 10))).code).toBe('invalid-selector');
    expect((await refusal(list('all', 10, 'nonsense'))).code).toBe('usage');
  });
  test('a name that is not there is answered with the one that was meant, an ambiguous one with what to give instead', async () => {
    expect(await refusal(view('uid=alise'))).toMatchObject({ code: 'not-found', hint: 'did you mean "uid=alice"?' });
    expect(await refusal(view('alice', 'corp-ldpa'))).toMatchObject({ code: 'not-found', hint: 'did you mean "corp-ldap"?' });
    expect(await refusal(view('twin'))).toMatchObject({ code: 'conflict', message: 'corp-ldap/twin names 2 accounts' });
    expect((await view('uid=twin,ou=vendors,dc=example,dc=test')).account).toBe('uid=twin');
  });
});
