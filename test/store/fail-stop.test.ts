import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { expect, test } from 'vitest';
import { DurableNodeFS, durableStart, type Nodefs } from '../../src/store/pglite-durable-fs.ts';
import { failStop } from '../../src/store/pglite-fail-stop.ts';
import { preparePglite } from '../../src/store/pglite-folder.ts';

/** A disk whose flushes start to fail when told. */
class FailingFS extends DurableNodeFS {
  failing = false;
  protected override install(nodefs: Nodefs): void {
    super.install(nodefs);
    const sync = nodefs.stream_ops.fsync;
    nodefs.stream_ops.fsync = (stream) => {
      if (this.failing) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
      return sync?.(stream) ?? 0;
    };
  }
}

test('a commit whose fsync failed stops the database before it is answered; an SQL error does not', async () => {
  const home = mkdtempSync(join(tmpdir(), 'rekey-failstop-'));
  try {
    const folder = join(home, 'pg');
    await preparePglite(home);
    const fs = new FailingFS(folder);
    const db = await PGlite.create({ fs, startParams: durableStart });
    const stops: unknown[] = [];
    failStop(db, (error) => stops.push(error));
    await db.exec('create table t (id int4 primary key)');
    await expect(db.query('select nonsense')).rejects.toThrow(/nonsense/);
    await expect(db.query('select 1/0')).rejects.toThrow(/division/);
    expect(stops).toEqual([]);

    fs.failing = true;
    await db.query('insert into t values (1)').catch(() => undefined);
    expect(stops).toEqual([expect.objectContaining({ code: 'EIO' })]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
