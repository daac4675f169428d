// The quickstart and every runbook are typed as written, and end and print as they say.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { play, root, type Step, stepsIn } from '../harness/console-blocks.ts';
import { blocksRun } from './blocks-run.ts';

const runbooks = readdirSync(join(root, 'docs', 'runbooks')).filter((name) => name.endsWith('.md'));
const work = mkdtempSync(join(tmpdir(), 'rekey-runbooks-'));
const long = 900_000;
afterAll(() => rmSync(work, { recursive: true, force: true }));

const stepsOf = (name: string): Step[] => stepsIn(readFileSync(join(root, name), 'utf8'), name);

describe.skipIf(!blocksRun)('typed as written', () => {
  const prepared = join(work, 'prepared');

  it(
    'docs/quickstart.md runs, with the output it shows',
    async () => {
      mkdirSync(prepared);
      const name = 'docs/quickstart.md';
      expect(await play(stepsOf(name), { name, folder: prepared })).toEqual([]);
    },
    long,
  );

  // Two at a time (vitest.config.ts): each waits for its own worker more than it computes.
  it.concurrent.each(runbooks)(
    'docs/runbooks/%s runs on the estate of the quickstart',
    async (file) => {
      const [name, folder] = [`docs/runbooks/${file}`, join(work, file)];
      cpSync(prepared, folder, { recursive: true });
      const steps = stepsOf(name);
      expect(steps.length).toBeGreaterThan(0);
      expect(await play(steps, { name, folder: join(folder, 'northwind') })).toEqual([]);
    },
    long,
  );
});
