// What a run's log tells of one item is found by an index, whatever the item is called, and nothing of its neighbours with it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testStore } from '../../test/harness/store.ts';
import { entryLine } from '../domain/entry.ts';
import { appendEntries } from './evidence.ts';
import { itemLog } from './now-needs.ts';
import type { Store } from './sql.ts';

let store: Store;
let close: () => Promise<void>;
const run = 'R-00000001';
const odd = 'corp-ldap/cn="O\\\'Neill, \\"Jo\\"",ou=people';
const items = ['erp/alice', 'erp/alice2', odd, 'erp/"item":"erp/alice"'];
const at = new Date('2026-11-21T10:00:00Z');

beforeAll(async () => {
  ({ store, close } = await testStore());
  await appendEntries(
    store,
    run,
    items.flatMap((item) => ['planned', 'sealed'].map((to) => entryLine('item', at, { item, to }))),
  );
  await appendEntries(store, run, [entryLine('run', at, { by: 'carol', reason: 'the line "item":"erp/alice" is only told of' })]);
}, 60_000);
afterAll(() => close());

it.each(items)('%s has its own two lines, oldest first', async (item) => {
  const lines = await itemLog(store, run, item, 10);
  expect(lines.map((line) => [line.item, line.to])).toEqual([
    [item, 'planned'],
    [item, 'sealed'],
  ]);
});

it('an item of which nothing is told has no lines', async () => {
  expect(await itemLog(store, run, 'erp/nobody', 10)).toEqual([]);
});

it('reads by the index', async () => {
  const plan = await store.transaction(async (sql) => {
    await sql.query('set local enable_seqscan = off');
    await sql.query('set local enable_sort = off');
    return sql.query<{ 'QUERY PLAN': string }>(
      `explain select e.line from entry e where e.log = 1 and hashtextextended(split_part(split_part(e.line, '"item":"', 2), '"', 1), 0) = 5`,
    );
  });
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('entry_item');
});
