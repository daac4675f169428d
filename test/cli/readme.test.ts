// README.md tells the truth: the path over an estate of one's own runs as written, to verified evidence.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { play, root, stepsIn } from '../harness/console-blocks.ts';
import { blocksRun } from './blocks-run.ts';

const work = mkdtempSync(join(tmpdir(), 'rekey-readme-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

it.skipIf(!blocksRun)('a step that ends otherwise than documented, prints something else or never came is reported', async () => {
  const report = async (block: string): Promise<string> => {
    const steps = stepsIn(`\`\`\`console\n${block}\n\`\`\`\n`, 'page.md');
    return (await play(steps, { name: 'page.md', folder: work })).join('\n');
  };
  expect(await report('$ X=1\n$ echo "a $X   b"\na 1 …b\n$ false\nexit 1')).toBe('');
  expect(await report('$ false')).toContain('documented exit 0, was 1');
  expect(await report('$ echo no\nyes')).toContain('documented but not printed: yes');
  expect(await report('$ exit 3\n$ true')).toContain('was -1');
  expect(() => stepsIn('```console\nnobody asked\n```\n', 'page.md')).toThrow('page.md:2');
});

it.skipIf(!blocksRun)(
  'the own-estate path of README.md runs to verified evidence',
  async () => {
    const steps = stepsIn(readFileSync(join(root, 'README.md'), 'utf8'), 'README.md');
    expect(steps.length).toBeGreaterThanOrEqual(10);
    expect(await play(steps, { name: 'README.md', folder: work })).toEqual([]);
  },
  900_000,
);
