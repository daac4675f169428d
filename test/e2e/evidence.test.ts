// Evidence: its sums close on the page, a bundle is checked in the browser, and it is readable by everybody.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { houseCaller } from '../../src/access/caller.ts';
import type { PlanView, RunView } from '../../src/domain/view.ts';
import { bundleNames } from '../../src/prove/bundle-files.ts';
import { openBrowser, openPage, watchFaults } from './browser.ts';
import { findings, lookAt, tabTo } from './screens.ts';
import { type Served, serveStory } from './server.ts';

const operator = houseCaller('carol');
/** Few accounts, and one system that nobody reaches: the run has failures, and is still going on when it is paused. */
const systems = ['backup-vault', 'cargo-erp', 'crane-controllers'];
let served: Omit<Served, 'plans' | 'run'>;
let plan: PlanView;
let run: RunView;
let browser: Browser;
let folder: string;
let archive: string;

beforeAll(async () => {
  [served, browser] = await Promise.all([serveStory('empty'), openBrowser()]);
  const { services } = served.estate;
  for (const system of systems) for await (const step of services.discover(operator, system)) expect(step.problem).toBeUndefined();
  plan = await services.createPlan(operator, { where: 'all', reason: 'leaked directory export', name: 'eviction' });
  await served.approve(plan.id);
  run = await services.startRun(operator, plan.id, `eviction ${plan.totals.rotate}`);
  await services.pause(operator, run.id, 'evidence of a run that stands still');
  await services.prove(operator, run.id);
  folder = join(served.folder, 'taken');
  mkdirSync(folder);
  for (const name of bundleNames) {
    const parts: Uint8Array[] = [];
    for await (const part of (await services.bundle(operator, run.id, name)).content) parts.push(part);
    writeFileSync(join(folder, name), Buffer.concat(parts));
  }
  archive = join(served.folder, 'taken.tar');
  const parts: Uint8Array[] = [];
  for await (const part of (await services.bundleArchive(operator, run.id)).content) parts.push(part);
  writeFileSync(archive, Buffer.concat(parts));
}, 600_000);
afterAll(async () => {
  await browser?.close();
  await served?.close();
});

const heading = (name: string) => (page: Page) => page.getByRole('heading', { level: 1, name }).waitFor();

describe('looked at', () => {
  test('the list of runs', () =>
    lookAt(browser, {
      name: 'evidence',
      url: `${served.url}/evidence`,
      ready: async (page) => {
        await heading('Evidence')(page);
        await page.getByRole('link', { name: run.id }).first().waitFor();
      },
    }));

  test('the evidence of one run', () =>
    lookAt(browser, {
      name: 'evidence-run',
      url: `${served.url}/evidence/${run.id}`,
      ready: async (page) => {
        await heading(`Evidence of ${run.id}`)(page);
        await page.getByRole('heading', { name: 'Frameworks' }).waitFor();
      },
    }));
});

test('the sums on the page close: every outcome, and what was selected', async () => {
  const page = await openPage(browser);
  await page.goto(`${served.url}/evidence/${run.id}`);
  const table = page.getByRole('table', { name: 'Outcomes and their sum' });
  await table.waitFor();
  const numbers = (await table.getByRole('cell').allTextContents())
    .filter((text) => /^[\d\s\u202f]+$/.test(text))
    .map((text) => Number(text.replaceAll(/\D/g, '')));
  const total = numbers.pop();
  expect(numbers.length).toBeGreaterThan(0);
  expect(numbers.reduce((sum, n) => sum + n, 0)).toBe(total);
  expect(total).toBe(plan.totals.selected);
  await page.context().close();
});

describe('a bundle from disk', () => {
  test('that holds is said to hold, with what was not checked', async () => {
    const page = await openPage(browser);
    const faults = watchFaults(page.context());
    const uploads: string[] = [];
    page.on('request', (request) => request.method() !== 'GET' && uploads.push(request.url()));
    const said = await check(page, archive);
    expect(said).toContain(`This bundle of ${run.id} holds`);
    expect(said).toContain('signed by the key that it brings along');
    expect(said).toContain('Not checked here');
    // Until it hears of the run, Pause is disabled, and looks so.
    await page.getByRole('banner').getByText(run.id).waitFor();
    expect(await findings(page)).toEqual([]);
    expect([uploads, faults]).toEqual([[], []]);
    await page.context().close();
  });

  test('chosen as a folder says the same', async () => {
    const page = await openPage(browser);
    await page.goto(`${served.url}/evidence`);
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose a folder' }).click()]);
    await chooser.setFiles(folder);
    await page.locator('[data-verified="true"]').waitFor();
    await page.context().close();
  });

  test.each(['entries.ndjson', 'items.ndjson', 'report.json', 'approvals.json', 'checkpoint'])(
    'with one changed byte in %s names it',
    async (name) => {
      const bytes = readFileSync(archive);
      const content = readFileSync(join(folder, name));
      const at = bytes.indexOf(content.subarray(0, 64)) + Math.floor(Math.min(content.length, 64) / 2);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      const altered = join(served.folder, `altered-${name}.tar`);
      writeFileSync(altered, bytes);
      const page = await openPage(browser);
      const said = await check(page, altered);
      expect(said).toContain('does not hold');
      expect(said).toContain(name);
      await page.context().close();
    },
  );

  test('that is no bundle is refused in words', async () => {
    const page = await openPage(browser);
    const wrong = join(served.folder, 'wrong.tar');
    writeFileSync(wrong, 'not an archive at all');
    await page.goto(`${served.url}/evidence`);
    await choose(page, wrong);
    await page.getByRole('alert').getByText("not a bundle's archive").waitFor();
    await page.context().close();
  });
});

test('the keyboard alone reaches the proof, the download, the check and the report', async () => {
  const page = await openPage(browser);
  await page.goto(`${served.url}/evidence/${run.id}`);
  await page.getByRole('heading', { name: 'Frameworks' }).waitFor();
  for (const name of [/^Prove again/, /^Download the bundle$/, /^Check it in this browser$/, /^Open the report$/]) await tabTo(page, name);
  await page.context().close();
});

async function choose(page: Page, file: string): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose a .tar' }).click()]);
  await chooser.setFiles(file);
}

async function check(page: Page, file: string): Promise<string> {
  await page.goto(`${served.url}/evidence`);
  await choose(page, file);
  const result = page.locator('[data-verified]');
  await result.waitFor({ timeout: 60_000 });
  return (await result.textContent()) ?? '';
}
