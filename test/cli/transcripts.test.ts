// Golden transcripts: what people see, word for word. REKEY_UPDATE=1 writes them anew.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FakeServices } from './fake-services.ts';
import { estateFolder, FakeHouse, rekey } from './rekey.ts';

const folder = new URL('./', import.meta.url);
process.env.TZ = 'UTC';

/** A transcript is `$ rekey …` lines, each followed by what it printed: stdout, then stderr behind `2>`, then the exit code if not 0. */
async function play(text: string): Promise<string> {
  const services = new FakeServices({ accounts: 12, step: 1000, ends: ['failed', 'residual'], demo: text.startsWith('# demo') });
  const house = new FakeHouse(services);
  const cwd = estateFolder();
  const played: string[] = [];
  for (const line of text.split('\n').filter((l) => l.startsWith('$ rekey ') || l.startsWith('# '))) {
    played.push(line);
    if (line.startsWith('# ')) continue;
    const ran = await rekey(house, cwd, words(line.slice('$ rekey '.length)));
    const err = ran.err
      .split('\n')
      .slice(0, -1)
      .map((l) => `2> ${l}`);
    // Paths of the test's own folder and moments of now are not part of the promise.
    const steady = [...ran.out.split('\n').slice(0, -1), ...err].map((l) =>
      l
        .replaceAll(cwd, '/srv/acme')
        .replace(/^2> \d{4}-\S+Z /, '2> NOW ')
        .replace(/ \(\d+ d\)/, ' (N d)'),
    );
    played.push(...steady, ...(ran.exit === 0 ? [] : [`exit ${ran.exit}`]), '');
  }
  return played.join('\n');
}

function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}

describe('transcripts', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  it.each(files)('%s', async (name) => {
    const path = new URL(name, folder);
    const expected = readFileSync(path, 'utf8');
    const played = await play(expected);
    if (process.env.REKEY_UPDATE === '1') writeFileSync(path, played);
    else expect(played).toBe(expected);
  });
  it('there are some', () => expect(files.length).toBeGreaterThanOrEqual(3));
});
