import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// The runner leaves one core to itself, which on two cores is half of the machine: it sleeps while the tests run.
const maxWorkers = Math.max(2, availableParallelism() - 1);

const directory = ['test/lab/*active-directory*.test.ts', 'test/lab/hybrid*.test.ts'];

// One project per suite. unit, contract and cli need npm only; lab, directory and crash need the servers of `npm run lab:install`.
const suite = (name: string, include: string[], testTimeout: number, fileParallelism = true, exclude: string[] = []) => ({
  test: {
    name,
    include,
    testTimeout,
    hookTimeout: testTimeout,
    fileParallelism,
    ...(fileParallelism && { maxWorkers }),
    exclude,
    pool: 'forks' as const,
  },
});

export default defineConfig({
  test: {
    maxConcurrency: 2,
    projects: [
      suite('unit', ['src/**/*.test.ts', 'tools/**/*.test.ts', 'console/src/**/*.test.ts'], 60_000),
      suite('contract', ['test/contract/**/*.test.ts', 'test/store/**/*.test.ts'], 120_000),
      suite('cli', ['test/cli/**/*.test.ts'], 180_000),
      // The store suite once more, on PostgreSQL too.
      suite('served', ['test/store/**/*.test.ts'], 180_000, false),
      suite('crash', ['test/crash/**/*.test.ts'], 900_000, false),
      // The console and the delivery pages in headless Chromium: one browser at a time.
      suite('e2e', ['test/e2e/**/*.test.ts'], 300_000, false),
      // A Samba domain controller has an address of its own, which only one can have at a time: its files follow each other, and may run beside the rest.
      suite('directory', directory, 900_000, false),
      suite('lab', ['test/lab/**/*.test.ts'], 900_000, false, directory),
    ],
  },
});
