import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// The runner leaves one core to itself, which on two cores is half of the machine: it sleeps while the tests run.
const maxWorkers = Math.max(2, availableParallelism() - 1);

const directory = ['test/lab/*active-directory*.test.ts', 'test/lab/hybrid*.test.ts'];

type Suite = {
  readonly include: string[];
  readonly exclude?: string[];
  readonly testTimeout: number;
  /** Its files run beside each other; left out: one at a time. */
  readonly parallel?: true;
  /** What it makes goes when it ends. Not for the lab: what is made there once and copied is used by the next run as well. */
  readonly ownFolder?: true;
};

// One project per suite. unit, contract and cli need npm only; lab, directory and crash need the servers of `npm run lab:install`.
const suite = (name: string, { include, exclude = [], testTimeout, parallel, ownFolder }: Suite) => ({
  test: {
    name,
    include,
    exclude,
    testTimeout,
    hookTimeout: testTimeout,
    fileParallelism: parallel === true,
    ...(parallel && { maxWorkers }),
    ...(ownFolder && { globalSetup: 'test/harness/test-folder.ts' }),
    pool: 'forks' as const,
  },
});

export default defineConfig({
  test: {
    maxConcurrency: 2,
    projects: [
      suite('unit', {
        include: ['src/**/*.test.ts', 'tools/**/*.test.ts', 'console/src/**/*.test.ts'],
        testTimeout: 60_000,
        parallel: true,
        ownFolder: true,
      }),
      suite('contract', {
        include: ['test/contract/**/*.test.ts', 'test/store/**/*.test.ts'],
        testTimeout: 120_000,
        parallel: true,
        ownFolder: true,
      }),
      suite('cli', { include: ['test/cli/**/*.test.ts'], testTimeout: 180_000, parallel: true, ownFolder: true }),
      // The store suite once more, on PostgreSQL too.
      suite('served', { include: ['test/store/**/*.test.ts'], testTimeout: 180_000 }),
      suite('crash', { include: ['test/crash/**/*.test.ts'], testTimeout: 900_000 }),
      // The console and the delivery pages in headless Chromium: one browser at a time.
      suite('e2e', { include: ['test/e2e/**/*.test.ts'], testTimeout: 300_000, ownFolder: true }),
      // A Samba domain controller has an address of its own, which only one can have at a time: its files follow each other, and may run beside the rest.
      suite('directory', { include: directory, testTimeout: 900_000 }),
      suite('lab', { include: ['test/lab/**/*.test.ts'], exclude: directory, testTimeout: 900_000 }),
    ],
  },
});
