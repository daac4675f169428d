import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type TestPostgres } from '../harness/postgres.ts';

const child = fileURLToPath(new URL('./import-million.ts', import.meta.url));
let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

type Figures = { imported: number; baseMiB: number; peakMiB: number; grownMiB: number; seconds: number };

/** Measured: 1 M consumers of 50 k accounts in about 40 s, 48 MiB grown. The CSV is 90 MiB of text and several times that as rows: whoever keeps them is seen. */
describe('an import of a million rows', () => {
  test('grows the importing process by less than 96 MiB after its first rows', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', child, await server.newDatabase(), 'consumers', '1000000', '50000'],
      { timeout: 600_000 },
    );
    const figures = JSON.parse(stdout) as Figures;
    expect(figures.imported).toBe(1_000_000);
    expect(figures.grownMiB).toBeLessThan(96);
  });
});
