import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/sql.ts';
import { type Bench, benchOf, kinds } from '../harness/both-stores.ts';

describe.each(kinds)('%s', (kind) => {
  let bench: Bench;
  let store: Store;
  beforeAll(async () => {
    bench = await benchOf(kind);
    store = await bench.open(await bench.newPlace());
    await store.query('create table note (id int8 primary key, text text)');
  });
  beforeEach(() => store.query('delete from note'));
  afterAll(() => bench.end());
  const add = (id: number) => store.query('insert into note (id) values ($1)', [id]);
  const ids = async () => (await store.query<{ id: string }>('select id from note order by id')).map((row) => row.id);

  test('statements of a transaction commit together, those of a library inside it too', async () => {
    await store.transaction(async (sql) => {
      await sql.query('insert into note (id) values ($1)', [1]);
      await store.executeSql('insert into note (id) values (2)');
      await store.executeSql('insert into note (id) values ($1)', [3]);
      expect(await ids()).toEqual(['1', '2', '3']);
    });
    expect(await store.fresh.query('select id from note order by id')).toEqual([{ id: '1' }, { id: '2' }, { id: '3' }]);
  });

  test('a throw rolls everything back and reaches the caller', async () => {
    const boom = new Error('boom');
    const work = store.transaction(async () => {
      await add(1);
      await store.executeSql('insert into note (id) values (2)');
      throw boom;
    });
    await expect(work).rejects.toBe(boom);
    expect(await ids()).toEqual([]);
  });

  test('a nested transaction joins the outer one', async () => {
    await store.transaction(async () => {
      await add(1);
      expect(await store.transaction(async (sql) => (await sql.query<{ id: string }>('select id from note'))[0]?.id)).toBe('1');
      await store.transaction(() => add(2));
    });
    expect(await ids()).toEqual(['1', '2']);
  });

  test('a nested failure that is swallowed outside still stores nothing', async () => {
    const boom = new Error('boom');
    const work = store.transaction(async () => {
      await add(1);
      await store
        .transaction(async () => {
          throw boom;
        })
        .catch(() => undefined);
    });
    await expect(work).rejects.toBe(boom);
    expect(await ids()).toEqual([]);
  });

  test('a failed statement that is swallowed does not read as committed', async () => {
    const work = store.transaction(async () => {
      await add(1);
      await add(1).catch(() => undefined);
    });
    await expect(work).rejects.toThrow(/nothing was stored/);
    expect(await ids()).toEqual([]);
  });

  test('an error inside a transaction does not poison the next, and keeps its SQL code', async () => {
    await add(1);
    for (let round = 0; round < 3; round++) await expect(store.transaction(() => add(1))).rejects.toMatchObject({ code: '23505' });
    await expect(store.query('select nonsense')).rejects.toMatchObject({ code: '42703' });
    await store.transaction(() => add(2));
    expect(await ids()).toEqual(['1', '2']);
  });

  test('statements started together inside a transaction stay in it', async () => {
    const work = store.transaction(async () => {
      await Promise.all([1, 2, 3, 4, 5].map(add));
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await ids()).toEqual([]);
  });

  test('work left running after a transaction does not land in a foreign one', async () => {
    let go: () => void = () => undefined;
    const later = new Promise<void>((resolve) => {
      go = resolve;
    });
    let left: Promise<unknown> = Promise.resolve();
    await store.transaction(async () => {
      left = later.then(() => add(7));
    });
    await expect(
      store.transaction(async () => {
        await add(8);
        go();
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    await left;
    expect(await ids()).toEqual(['7']);
  });

  test('transactions that run at the same time each keep their own statements', async () => {
    const runs = Array.from({ length: 20 }, (_, i) =>
      store.transaction(async () => {
        await add(i * 2);
        await add(i * 2 + 1);
        if (i % 2) throw new Error('odd');
      }),
    );
    const results = await Promise.allSettled(runs);
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(10);
    expect((await ids()).map(Number).every((id) => Math.floor(id / 2) % 2 === 0)).toBe(true);
    expect(await ids()).toHaveLength(20);
  });

  test('fresh refuses to be asked inside a transaction', async () => {
    await expect(store.transaction(() => store.fresh.query('select 1'))).rejects.toThrow(/after the transaction/);
  });

  test('types: int8 is a string, timestamptz a Date, bytea bytes, jsonb a value, arrays arrays', async () => {
    const [row] = await store.query(
      `select $1::int8 as big, $2::timestamptz as at, $3::bytea as raw, $4::jsonb as json, $5::int8[] as list, $6::bytea[] as blobs, null::text as nothing, 7::int4 as small`,
      [
        '9007199254740993',
        new Date('2026-01-02T03:04:05.678Z'),
        Buffer.from([0, 255, 10]),
        JSON.stringify({ a: [1] }),
        [1, 2],
        [Buffer.from('x'), null],
      ],
    );
    expect(row).toEqual({
      big: '9007199254740993',
      at: new Date('2026-01-02T03:04:05.678Z'),
      raw: Buffer.from([0, 255, 10]),
      json: { a: [1] },
      list: ['1', '2'],
      blobs: [Buffer.from('x'), null],
      nothing: null,
      small: 7,
    });
  });

  test('a statement with parameters is prepared once per connection and used again', async () => {
    const count = async () =>
      Number(
        (
          await store.query<{ n: string }>(
            "select count(*) as n from pg_prepared_statements where statement like 'select $1::int4 as reused%'",
          )
        )[0]?.n,
      );
    await store.transaction(async (sql) => {
      for (let i = 0; i < 5; i++) expect(await sql.query('select $1::int4 as reused', [i])).toEqual([{ reused: i }]);
      expect(await count()).toBe(1);
    });
  });

  test('a batch of many thousand rows passes through in one statement', async () => {
    const n = 20_000;
    await store.query('insert into note (id, text) select * from unnest($1::int8[], $2::text[])', [
      Array.from({ length: n }, (_, i) => i),
      Array.from({ length: n }, (_, i) => `${'é'.repeat(50)}${i}`),
    ]);
    const rows = await store.query<{ text: string }>('select text from note order by id');
    expect(rows).toHaveLength(n);
    expect(rows.at(-1)?.text).toBe(`${'é'.repeat(50)}${n - 1}`);
  });
});
