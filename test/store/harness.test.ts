import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../../src/store/sql.ts';
import { testStore } from '../harness/store.ts';

let opened: { store: Store; close(): Promise<void> };
beforeAll(async () => {
  opened = await testStore();
});
afterAll(() => opened.close());

test('the harness store is migrated and speaks the real Store', async () => {
  const { store } = opened;
  expect(await store.query('select name from migration where n = $1', [1])).toEqual([{ name: '0001_spine' }]);
  await store.transaction(async (sql) => {
    await sql.query('insert into log (name) values ($1)', ['estate']);
    expect((await store.executeSql('select name from log')).rows).toEqual([{ name: 'estate' }]);
  });
  expect(await store.fresh.query('select count(*) as n from log')).toEqual([{ n: '1' }]);
});
