// A plan runs only as approved and only on the estate it was made for: any altered byte is tampering, any relevant change is drift, in words.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Planning, testPlanning } from '../../test/harness/planning.ts';
import { refusal } from '../../test/harness/refusal.ts';
import { testStore } from '../../test/harness/store.ts';
import { canonical, type Json } from '../domain/json.ts';
import type { Problem } from '../domain/problem.ts';
import { planStore } from '../store/plans.ts';
import type { Store } from '../store/sql.ts';
import { sha256 } from './header.ts';
import { checkPlanFile, exportPlan, readPlanFile } from './plan-file.ts';

let store: Store;
let close: () => Promise<void>;
let p: Planning;
let id = '';
beforeAll(async () => {
  ({ store, close } = await testStore());
}, 60_000);
afterAll(() => close());
beforeEach(async () => {
  p = await testPlanning(store);
  await p.accounts([
    { name: 'a', consumers: ['pay'] },
    { name: 'b', kind: 'human' },
    { system: 'legacy', name: 'c' },
  ]);
  ({ id } = await p.create({ where: 'system in (corp, legacy) and not tag = exempt' }));
});
const drift = (): Promise<Problem> => refusal(p.checkDrift(id));

describe('drift', () => {
  it('there is none while nothing changes', async () => {
    await expect(p.checkDrift(id)).resolves.toMatchObject({ id, totals: { rotate: 2 } });
  });
  it('the id may be typed as people type', async () => {
    await expect(p.checkDrift(id.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l'))).resolves.toMatchObject({ id });
    expect((await refusal(p.checkDrift('P-00000000'))).code).toBe('not-found');
  });
  it.each([
    [`update account set owners = '{eve}' where name = 'a'`, 'corp/a', 'its owner was owner@acme.test, is eve'],
    [`update account set owners = '{a,b}' where name = 'a'`, 'corp/a', 'is a and b'],
    [`update account set tier = 0 where name = 'b'`, 'corp/b', 'its tier was 2, is 0'],
    [`update account set kind = 'agent' where name = 'a'`, 'corp/a', 'its kind was service, is agent'],
    [`update account set enabled = false where name = 'a'`, 'corp/a', 'is no longer enabled'],
    [`update account set tags = '{payroll}' where name = 'a'`, 'corp/a', 'its tags was none, is payroll'],
    [`update account set exposed = true where name = 'a'`, 'corp/a', 'is now known to be exposed'],
    [`update account set gone_at = now() where name = 'a'`, 'corp/a', 'is now gone'],
    [
      `insert into secret (account, origin, version, state, data_key, sealed) select key, 'leaked', 1, 'previous', 1, '\\x00' from account where name = 'a'`,
      'corp/a',
      'old secret is known now',
    ],
    [
      `insert into consumer (account, consumer, store, ref) select key, 'new', 'file', 'y' from account where name = 'a'`,
      'corp/a',
      'number of consumers was 1, is 2',
    ],
    [`update consumer set store = 'vault'`, 'corp/a', 'consumers'],
    [`update consumer set ref = 'elsewhere'`, 'corp/a', 'consumers'],
    [`update consumer set reload = 'restart'`, 'corp/a', 'consumers'],
    [`update consumer set health = 'ping'`, 'corp/a', 'consumers'],
  ])('%s', async (sql, place, words) => {
    await store.query(sql);
    const problem = await drift();
    expect(problem.code).toBe('plan-stale');
    expect(problem.message).toContain('1 of its accounts changed');
    expect(problem.hint).toContain(`rekey plan --where 'system in (corp, legacy) and not tag = exempt'`);
    expect(problem.details).toHaveLength(1);
    expect(problem.details[0]).toMatchObject({ place, message: expect.stringContaining(words) });
  });
  it('an account that left the inventory', async () => {
    await store.query(`delete from account where name = 'b'`);
    expect((await drift()).details[0]?.message).toBe('is no longer in the inventory');
  });
  it('an account that would newly match', async () => {
    await p.accounts([{ name: 'new' }, { name: 'spared', tags: ['exempt'] }]);
    const problem = await drift();
    expect(problem.message).toContain('1 more accounts match its selector');
    expect(problem.details).toEqual([{ message: 'matches the selector now, and is not in the plan', place: 'corp/new' }]);
  });
  it('a changed block of the estate file', async () => {
    p.estate.systems[0] = { ...p.estate.systems[0]!, specHash: 'other' };
    expect((await drift()).details[0]).toEqual({ message: 'its block in rekey.yaml changed since the plan was made', place: 'corp' });
  });
  it('names at most 20 of many, and counts all', async () => {
    await p.accounts(Array.from({ length: 50 }, (_, i) => ({ name: `n${i}` })));
    const problem = await drift();
    expect(problem.details).toHaveLength(20);
    expect(problem.message).toContain('50 more');
  });
  it('the end of its life', async () => {
    p.at('2026-11-22T00:00:00Z');
    expect((await drift()).message).toContain('expired');
  });
  it('another estate', async () => {
    p.estate.name = 'other';
    expect((await drift()).message).toContain('made for the estate acme');
  });
  it('growing older is none', async () => {
    await p.accounts([
      { system: 'hr', name: 'canary' },
      { system: 'hr', name: 'young' },
    ]);
    await store.query(`update account set changed_at = '2026-11-20T23:30:00Z' where name = 'young'`);
    const plan = await p.create({ where: 'system = hr and age > 1h' });
    p.at('2026-11-21T12:00:00Z');
    await expect(p.checkDrift(plan.id)).resolves.toBeDefined();
  });
  it('last seen, changed facts and a moved locator are none', async () => {
    await store.query(`update account set seen_at = now(), locator = 'elsewhere', facts = '{"title": "new"}'`);
    await expect(p.checkDrift(id)).resolves.toBeDefined();
  });
});

describe('tampering', () => {
  it.each([
    `update plan_item set wave = 7 where plan = $1 and seq = 0`,
    `update plan_item set account = (select max(key) from account) where plan = $1 and seq = 0`,
    `update plan_item set system = 'hr' where plan = $1 and seq = 0`,
    `update plan_item set action = 'rotate' where plan = $1 and action = 'blocked'`,
    `update plan_item set canary = true where plan = $1 and seq = 0`,
    `update plan_item set fingerprint = 'x' where plan = $1 and seq = 0`,
    `update plan_item set line = replace(line, '"wave":1', '"wave":2'), wave = 2 where plan = $1 and seq = 0`,
    `update plan_item set line = 'no json' where plan = $1 and seq = 0`,
    `update plan_item set seq = 99, line = replace(line, '"seq":0', '"seq":99') where plan = $1 and seq = 0`,
    `delete from plan_item where plan = $1 and seq = 2`,
    `insert into plan_item select plan, 3, wave, account, system, action, canary, replace(line, '"seq":0', '"seq":3'), fingerprint from plan_item where plan = $1 and seq = 0`,
    `update plan set header = replace(header, 'INC-1', 'INC-2') where id = $1`,
    `update plan set hash = 'x' where id = $1`,
    `update plan set expires_at = expires_at + interval '1 year' where id = $1`,
    `update plan set created_by = 'alice' where id = $1`,
  ])('%s', async (sql) => {
    await store.query(sql, [id]);
    expect((await drift()).code).toBe('plan-tampered');
  });
  it('a header rewritten together with its hash no longer has the hash that was approved', async () => {
    const before = (await p.checkDrift(id)).items.digest;
    const [row] = await store.query<{ header: string }>('select header from plan where id = $1', [id]);
    const header = canonical({
      ...(JSON.parse(row!.header) as { [key: string]: Json }),
      items: { count: 3, digest: before.replace(/^./, 'x') },
    });
    await store.query('update plan set header = $2, hash = $3 where id = $1', [id, header, sha256(header)]);
    expect((await drift()).message).toContain('its items are not the ones');
  });
});

describe('a plan as a file', () => {
  const linesOf = async () => {
    let text = '';
    for await (const part of exportPlan(planStore(store), id)) text += part;
    return text.trimEnd().split('\n');
  };
  async function* each(lines: readonly string[]) {
    yield* lines;
  }
  it('is the stored plan to the bit', async () => {
    const file = await readPlanFile(each(await linesOf()), 'p.rekey');
    await checkPlanFile(planStore(store), file, 'p.rekey');
    expect(file).toMatchObject({ id, header: { items: { count: 3 } } });
  });
  it('is refused with a line changed, dropped, added or swapped', async () => {
    const lines = await linesOf();
    const altered = [
      lines.slice(0, -1),
      [...lines, lines[1]!],
      [lines[0]!, lines[2]!, lines[1]!, lines[3]!],
      lines.map((l, i) => (i === 1 ? l.replace('corp', 'hr') : l)),
    ];
    for (const bad of altered) expect((await refusal(readPlanFile(each(bad), 'p.rekey'))).code).toBe('plan-tampered');
  });
  it('is refused with its header changed, because the stored hash is another', async () => {
    const [header, ...rest] = await linesOf();
    const file = await readPlanFile(each([header!.replace('INC-1', 'INC-2'), ...rest]), 'p.rekey');
    expect((await refusal(checkPlanFile(planStore(store), file, 'p.rekey'))).code).toBe('plan-tampered');
  });
  it('anything else is no plan file', async () => {
    for (const lines of [[], ['hello'], ['{}'], ['null']])
      expect((await refusal(readPlanFile(each(lines), 'p.rekey'))).message).toContain('not a plan file');
  });
});
