import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate, migrationsFolder, readMigrations, type Session } from '../../src/store/migrate.ts';
import { type Bench, benchOf, kinds } from '../harness/both-stores.ts';

describe.each(kinds)('%s', (kind) => {
  let bench: Bench;
  const folders: string[] = [];
  beforeAll(async () => {
    bench = await benchOf(kind);
  });
  afterAll(async () => {
    await bench.end();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  /** Embedded there is one connection; on PostgreSQL each session is its own. */
  async function place(): Promise<{ session(): Promise<Session & { end(): Promise<void> }>; folder: string }> {
    const where = await bench.newPlace();
    const folder = mkdtempSync(join(tmpdir(), 'rekey-migrations-'));
    folders.push(folder);
    cpSync(migrationsFolder, folder, { recursive: true });
    const store = await bench.open(where);
    return {
      folder,
      async session() {
        if ('dataDir' in where) return { query: (text, values) => store.executeSql(text, values) as never, end: async () => undefined };
        const client = new pg.Client({ connectionString: where.url });
        await client.connect();
        return { query: (text, values) => client.query(text, values), end: () => client.end() };
      },
    };
  }
  const next = (n: string) => n.padStart(4, '0');

  test('opening twice applies each migration once', async () => {
    const where = await bench.newPlace();
    const known = await readMigrations();
    for (let i = 0; i < 2; i++) {
      const store = await bench.open(where);
      expect(await store.query('select n, name, sha256 from migration order by n')).toEqual(
        known.map(({ n, name, sha256 }) => ({ n, name, sha256 })),
      );
      await store.close();
    }
  });

  test('several processes that start at once apply each migration once', async () => {
    const { session, folder } = await place();
    const n = (await readMigrations()).length + 1;
    writeFileSync(
      join(folder, `${next(String(n))}_race.sql`),
      'create table race (x int4); insert into race values (1); select pg_sleep(0.2);',
    );
    const sessions = await Promise.all(Array.from({ length: kind === 'postgres' ? 5 : 1 }, session));
    const applied = await Promise.all(sessions.map((s) => migrate(s, folder)));
    expect(applied.reduce((a, b) => a + b)).toBe(1);
    const [first] = sessions;
    expect((await first?.query('select x from race'))?.rows).toEqual([{ x: 1 }]);
    for (const s of sessions) await s.end();
  });

  test('a file that changed after it was applied is refused by name', async () => {
    const { session, folder } = await place();
    writeFileSync(join(folder, '0001_spine.sql'), '-- changed\n');
    const s = await session();
    await expect(migrate(s, folder)).rejects.toMatchObject({ code: 'invalid-config', message: expect.stringContaining('0001_spine') });
    await s.end();
  });

  test('a database newer than the program is refused', async () => {
    const { session, folder } = await place();
    const s = await session();
    const n = (await readMigrations()).length + 1;
    await s.query('insert into migration (n, name, sha256) values ($1, $2, $3)', [n, `${next(String(n))}_future`, 'x']);
    await expect(migrate(s, folder)).rejects.toMatchObject({
      code: 'invalid-config',
      message: expect.stringContaining('newer than this program'),
    });
    await s.end();
  });

  test('a migration that fails leaves nothing of itself and can be tried again', async () => {
    const { session, folder } = await place();
    const s = await session();
    const n = (await readMigrations()).length + 1;
    const file = join(folder, `${next(String(n))}_half.sql`);
    writeFileSync(file, 'create table half (x int4); select 1/0;');
    await expect(migrate(s, folder)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringMatching(/_half failed: division by zero/),
    });
    expect((await s.query("select to_regclass('half') as t")).rows).toEqual([{ t: null }]);
    writeFileSync(file, 'create table half (x int4);');
    expect(await migrate(s, folder)).toBe(1);
    await s.end();
  });

  test('a gap in the numbers is refused before anything runs', async () => {
    const { session, folder } = await place();
    writeFileSync(join(folder, '0099_far.sql'), 'select 1;');
    const s = await session();
    await expect(migrate(s, folder)).rejects.toThrow(/is missing: found 0099_far/);
    await s.end();
  });
});
