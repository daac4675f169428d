// What the console costs a browser: the bytes before the first screen, and the memory of a tab that watches a run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { CDPSession } from 'playwright-core';
import { expect, test } from 'vitest';
import { openPage } from './browser.ts';
import { onStage } from './stage.ts';

const built = new URL('../../dist/console/', import.meta.url).pathname;
/** REKEY_E2E_MINUTES=10 watches for as long as an incident's first look lasts. */
const minutes = Number(process.env.REKEY_E2E_MINUTES ?? 0.5);

const stage = onStage('running');

test('the scripts before the first screen are at most 250 kB gzipped', () => {
  const page = readFileSync(join(built, 'index.html'), 'utf8');
  const scripts = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1] ?? '');
  expect(scripts.length).toBeGreaterThan(0);
  const bytes = [...new Set(scripts)].reduce((sum, script) => sum + gzipSync(readFileSync(join(built, script))).length, 0);
  expect(bytes).toBeLessThanOrEqual(250_000);
});

test(
  'a tab that watches a live run does not grow with what it was told',
  async () => {
    const page = await openPage(stage.browser);
    let told = 0;
    page.on('response', (response) => {
      if (response.url().includes('/v1/')) told++;
    });
    await page.goto(`${stage.served.url}/systems`);
    await page.getByRole('link', { name: 'crew-directory' }).first().waitFor();
    const cdp = await page.context().newCDPSession(page);
    await delay(5000); // what is loaded once is loaded by then
    const before = await heapOf(cdp);
    const samples: number[] = [];
    const until = Date.now() + minutes * 60_000;
    // Goes through the screens as somebody does who waits: each brings its lists, none may keep them.
    const names = ['Runs', 'Accounts', 'Plans', 'Systems'];
    for (let n = 0; Date.now() < until; n++) {
      await page
        .getByRole('navigation', { name: 'Screens' })
        .getByRole('link', { name: names[n % names.length] ?? 'Runs' })
        .click();
      await delay(2000); // a person looks; the live line goes on telling
      samples.push(await heapOf(cdp));
    }
    const rounds = Math.max(1, Math.floor(samples.length / 3));
    const early = Math.max(before, ...samples.slice(0, rounds));
    const late = Math.max(...samples.slice(-rounds));
    process.stdout.write(`${JSON.stringify({ minutes, told, heapMiB: { before: mib(before), early: mib(early), late: mib(late) } })}\n`);
    expect(told).toBeGreaterThan(10);
    expect(late).toBeLessThan(early * 1.5 + 5 * 1024 * 1024);
    expect(late).toBeLessThan(120 * 1024 * 1024);
    await page.context().close();
  },
  minutes * 60_000 + 120_000,
);

const mib = (bytes: number): number => Math.round(bytes / 1024 / 1024);

/** After collecting what nobody holds: only what is kept counts. */
async function heapOf(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage');
  await cdp.send('Performance.enable');
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0;
}
