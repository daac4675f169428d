// The page is inert, complete and honest: no name can become markup or a formula, and a demo says so on every page.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { at, sampleRun } from '../../test/harness/sample-run.ts';
import { writeBundle } from './bundle.ts';
import { signCheckpoint } from './checkpoint.ts';
import { markup } from './markup.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function bundle(
  options: Parameters<typeof sampleRun>[0],
  change: (s: Awaited<ReturnType<typeof sampleRun>>) => void = () => undefined,
) {
  const sample = await sampleRun(options);
  change(sample);
  const folder = await mkdtemp(join(tmpdir(), 'rekey-html-'));
  folders.push(folder);
  await writeBundle(sample.deps, sample.run, await signCheckpoint(sample.deps, sample.run.id), folder);
  return (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
}

const hostile = '<img src=x onerror=alert(1)>"\'`&</script>\u202Egnp.exe\u0000\u2028';

test('a hostile name in every field cannot become markup, turn the line around or hide', async () => {
  const read = await bundle({ owner: hostile, account: hostile }, (s) => {
    s.exceptions.push({
      id: 'X-1',
      system: hostile,
      account: hostile,
      path: hostile,
      owner: hostile,
      reason: hostile,
      expiresAt: at(9e6),
      at: at(0),
    });
    for (const [i, item] of s.items.entries())
      s.items[i] = { ...item, error: item.error === null ? null : hostile, cells: item.cells.map((c) => ({ ...c, path: hostile })) };
    s.approvals.splice(0, 1, { approver: hostile, method: hostile, publicKey: hostile, signature: 'signed by alice', at: at(-30) });
    Object.assign(s.run, { startedBy: hostile, halt: { by: hostile, reason: hostile, at: at(1).toISOString() } });
  });
  const page = await read('report.html');
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
  expect(page).not.toMatch(/<(img|script|svg|iframe|a\s[^>]*href="(?!#))/i);
  // the Content-Security-Policy and the names are the only places that speak of scripts; none is an attribute
  expect(page).not.toMatch(/<[^>]*\son\w+=/i);
  expect(page).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(page).not.toContain('\u0000');
  expect(page).toContain('\\u202egnp.exe');
});

test('the page needs nothing from outside, and its tables can be read aloud', async () => {
  const page = await (await bundle({}))('report.html');
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/\b(src|href)="(?!#)/);
  expect(page).not.toMatch(/url\(|@import|<script/);
  const tables = page.match(/<table>/g)?.length ?? 0;
  expect(tables).toBeGreaterThan(6);
  expect(page.match(/<caption>[^<]+<\/caption>/g)).toHaveLength(tables);
  // one row heading a row, one column heading a column, and every element closed
  for (const table of page.split('<table>').slice(1)) {
    const body = table.slice(0, table.indexOf('</table>'));
    const columns = body.match(/<th scope="col"/g)?.length ?? 0;
    for (const row of body.slice(body.indexOf('<tbody>')).match(/<tr>.*?<\/tr>/gs) ?? []) {
      expect(row.match(/<th scope="row"/g)).toHaveLength(1);
      expect(row.match(/<t[hd][ >]/g)).toHaveLength(columns);
    }
  }
  for (const tag of ['table', 'tr', 'th', 'td', 'section', 'div', 'dl', 'dd', 'ul', 'li', 'p', 'main', 'header', 'bdi', 'code', 'time'])
    expect(page.match(new RegExp(`<${tag}[ >]`, 'g'))?.length ?? 0, tag).toBe(page.match(new RegExp(`</${tag}>`, 'g'))?.length ?? 0);
});

test('the page says outcome, residual risk, limits, approvals, controls and how to verify', async () => {
  const page = await (await bundle({}))('report.html');
  for (const words of [
    'R-4T9WZ0AB: Not complete',
    '2 of 4 selected credentials',
    '1 excluded, 1 failed',
    'the sums close',
    'INC-7',
    'Residual risk',
    'Not tested:',
    'rekey evidence verify',
    'NHI7:2025',
    'PR.AA-01',
    'A.5.17',
    'open connections',
  ])
    expect(page, words).toContain(words);
  for (const old of ['PR.AC', 'A.9.2.4']) expect(page).not.toContain(old);
});

test('a demo says so in the page, the title, the README and the data; a real run never does', async () => {
  const demo = await bundle({ demo: true });
  expect(await demo('report.html')).toMatch(/<title>DEMO[\s\S]*class="demo"[\s\S]*fictitious/);
  expect(await demo('README.txt')).toMatch(/^DEMO/);
  expect(JSON.parse(await demo('report.json'))).toMatchObject({ demo: true });
  const real = await bundle({});
  expect(await real('report.html')).not.toMatch(/DEMO|fictitious/);
});

test('numbers of the page come from the log: a second proof does not move the first', async () => {
  const read = await bundle({}, (s) => {
    const line = s.lines.find((each) => each.includes('"to":"proved"')) ?? '';
    s.lines.push(line.replace(/"at":"[^"]+"/, '"at":"2026-11-21T10:00:00.000Z"'));
  });
  const { exposure } = JSON.parse(await read('report.json')) as { exposure: { overall: object; systems: object[] } };
  expect(exposure.overall).toEqual({ name: 'all', items: 4, denied: 2, first: 7, p50: 7, p95: 26, last: 26 });
  expect(exposure.systems).toMatchObject([
    { name: 'corp-ldap', denied: 2 },
    { name: 'orders-db', denied: 0, p95: null },
  ]);
});

test('markup escapes text, joins lists, keeps markup and drops nothing else', () => {
  expect(markup`<p>${'<b>'}${[1, markup`<i>${'&'}</i>`]}${null}</p>`.html).toBe('<p>&lt;b&gt;1<i>&amp;</i></p>');
});
