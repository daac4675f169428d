import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { postgresWanted, startPostgres, type TestPostgres } from '../harness/postgres.ts';

test.each([
  ['not a URL', 'nonsense'],
  ['another scheme', 'mysql://root:hunter2@db/x'],
  ['a broken port', 'postgres://u:hunter2@host:notaport/db'],
])('%s is refused without repeating it', async (_, url) => {
  const error: unknown = await openStore({ url }).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'invalid-config', place: 'store.url' });
  expect(`${(error as Error).stack}${JSON.stringify(error)}`).not.toContain('hunter2');
});

test('a server that is not there is named by host and port, without the password', async () => {
  const error: unknown = await openStore({ url: 'postgres://u:hunter2@127.0.0.1:1/db' }).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'target-unreachable', message: 'The store u@127.0.0.1:1/db cannot be reached: ECONNREFUSED' });
  expect(`${(error as Error).stack}${JSON.stringify(error)}`).not.toContain('hunter2');
});

describe.runIf(postgresWanted)('postgres', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  const endAll = (url: string) =>
    server.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${new URL(url).pathname.slice(1)}' and pid <> pg_backend_pid()`,
    );

  test('when every pooled connection dies the process lives and the next statements connect again', async () => {
    const url = await server.newDatabase();
    const store = await openStore({ url }, { poolSize: 4 });
    const busy = () =>
      Promise.all(Array.from({ length: 8 }, (_, i) => store.query<{ i: number }>('select $1::int4 as i from pg_sleep(0.02)', [i])));
    for (let round = 0; round < 3; round++) {
      expect((await busy()).flat().map((row) => row.i)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      await endAll(url);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const slow = store.query('select $1::int4 from pg_sleep(5)', [1]);
    const failed = expect(slow).rejects.toMatchObject({
      code: 'target-unreachable',
      message: expect.stringContaining('connection was lost'),
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await endAll(url);
    await failed;
    expect(await store.fresh.query('select 1 as one')).toEqual([{ one: 1 }]);
    await store.close();
  });

  test('a connection lost inside a transaction stores nothing of it', async () => {
    const url = await server.newDatabase();
    const store = await openStore({ url }, { poolSize: 2 });
    await store.query('create table note (id int4)');
    const work = store.transaction(async (sql) => {
      await sql.query('insert into note values ($1)', [1]);
      await endAll(url);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await sql.query('insert into note values ($1)', [2]);
    });
    await expect(work).rejects.toMatchObject({ code: 'target-unreachable' });
    expect(await store.query('select id from note')).toEqual([]);
    await store.close();
  });

  test('fresh reads on a connection that never wrote, and sees what is committed only', async () => {
    const store = await openStore({ url: await server.newDatabase() }, { poolSize: 2 });
    await store.query('create table note (id int4)');
    let readMeanwhile: unknown[] = [];
    let release: () => void = () => undefined;
    const written = new Promise<void>((resolve) => {
      release = resolve;
    });
    const go = written.then(async () => {
      readMeanwhile = await store.fresh.query('select id from note');
    });
    await store.transaction(async (sql) => {
      await sql.query('insert into note values (1)');
      release();
      await go;
    });
    expect(readMeanwhile).toEqual([]);
    expect(await store.fresh.query('select id from note')).toEqual([{ id: 1 }]);
    await expect(store.fresh.query('insert into note values (2)')).rejects.toMatchObject({ code: '25006' });
    await store.close();
  });

  test('a deadlock surfaces as 40P01 for one side and is undone', async () => {
    const store = await openStore({ url: await server.newDatabase() }, { poolSize: 3 });
    await store.query('create table pair (id int4 primary key, v int4)');
    await store.query('insert into pair values (1, 0), (2, 0)');
    const both = (first: number, second: number) =>
      store.transaction(async (sql) => {
        await sql.query('update pair set v = v + 1 where id = $1', [first]);
        await new Promise((resolve) => setTimeout(resolve, 100));
        await sql.query('update pair set v = v + 1 where id = $1', [second]);
      });
    const results = await Promise.allSettled([both(1, 2), both(2, 1)]);
    const failed = results.filter((r) => r.status === 'rejected');
    expect(failed.map((r) => r.reason.code)).toEqual(['40P01']);
    expect(await store.query('select v from pair order by id')).toEqual([{ v: 1 }, { v: 1 }]);
    await store.close();
  });

  test('a database that does not exist, and one that is not UTF-8, are refused with the remedy', async () => {
    const missing = new URL(server.url);
    missing.pathname = '/missing';
    await expect(openStore({ url: missing.href })).rejects.toMatchObject({ code: 'invalid-config', hint: 'Create it: createdb missing' });
    await server.query("create database latin encoding 'LATIN1' locale 'C' template template0");
    missing.pathname = '/latin';
    await expect(openStore({ url: missing.href })).rejects.toMatchObject({
      code: 'invalid-config',
      message: expect.stringContaining('LATIN1'),
    });
    await server.query('drop database latin');
  });

  test('several processes may open one database at once', async () => {
    const url = await server.newDatabase();
    const stores = await Promise.all(Array.from({ length: 5 }, () => openStore({ url }, { poolSize: 2 })));
    expect(await stores[0]?.query('select count(*)::int4 as n from migration where n = $1', [1])).toEqual([{ n: 1 }]);
    await Promise.all(stores.map((store) => store.close()));
  });
});
