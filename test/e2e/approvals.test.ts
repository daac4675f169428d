// Approvals: what waits for whom, exactly what is signed, and why somebody may not sign; names from outside are text and nothing else.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { houseCaller } from '../../src/access/caller.ts';
import type { PlanView } from '../../src/domain/view.ts';
import { openBrowser, openPage, watchFaults } from './browser.ts';
import { findings, lookAt, tabTo } from './screens.ts';
import { type Served, serveStory } from './server.ts';

/** Whoever made this plan chose its name and reason. */
const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

let served: Omit<Served, 'plans' | 'run'>;
let browser: Browser;
let plan: PlanView;
let own: PlanView;

beforeAll(async () => {
  [served, browser] = await Promise.all([serveStory('empty'), openBrowser()]);
  const { services } = served.estate;
  // Two systems are enough for two plans, and nothing here waits for a run.
  for (const system of ['backup-vault', 'cargo-erp'])
    for await (const step of services.discover(houseCaller('carol'), system)) expect(step.problem).toBeUndefined();
  plan = await services.createPlan(houseCaller('mallory'), { where: 'system = backup-vault', reason: hostile, name: 'tier-zero' });
  own = await services.createPlan(houseCaller('carol'), { where: 'system = cargo-erp', reason: 'second pass', name: 'erp-again' });
}, 600_000);
afterAll(async () => {
  await browser?.close();
  await served?.close();
});

async function open(path: string): Promise<Page> {
  const page = await openPage(browser);
  await page.goto(`${served.url}${path}`);
  return page;
}

describe('looked at', () => {
  test('what waits', () =>
    lookAt(browser, {
      name: 'approvals',
      url: `${served.url}/approvals`,
      ready: (page) => page.getByRole('link', { name: plan.id }).waitFor(),
    }));

  test('one approval', () =>
    lookAt(browser, {
      name: 'approval',
      url: `${served.url}/approvals/${plan.id}`,
      ready: async (page) => {
        await page.getByRole('heading', { name: 'Not covered' }).waitFor();
        await page.getByText('rekey approval v1').waitFor();
      },
    }));
});

test('the page shows the very text that is signed, with the plan’s hash', async () => {
  const page = await open(`/approvals/${plan.id}`);
  const text = await page.getByLabel('The text that is signed').textContent();
  const { message } = await served.estate.services.approvable(houseCaller('alice'), plan.id);
  expect(text).toBe(message);
  expect(text).toContain(plan.hash);
  await page.context().close();
});

test('what the plan does not do is on the page beside what it does', async () => {
  const page = await open(`/approvals/${plan.id}`);
  for (const name of ['What it does', 'Blockers', 'Not covered', 'Warnings', 'What is signed', 'Your answer'])
    await page.getByRole('heading', { name }).waitFor();
  for (const { hint } of [...plan.blockers, ...plan.notCovered]) await page.getByText(hint).first().waitFor();
  await page.context().close();
});

test('who may not approve is told why, and the command by SSH key is always there', async () => {
  const page = await open(`/approvals/${own.id}`);
  await page.getByText(/nobody approves their own|no right to approve/).waitFor();
  expect(await page.getByRole('button', { name: 'Approve with my passkey' }).count()).toBe(0);
  await page.getByText(`rekey approve ${own.id} --as carol --key FILE`).waitFor();
  await page.context().close();
});

test('a name that is markup stands there as text', async () => {
  const page = await open(`/approvals/${plan.id}`);
  await page.getByText(hostile).first().waitFor();
  expect(await page.title()).not.toContain('owned');
  expect(await page.locator('main img, main script').count()).toBe(0);
  await page.context().close();
});

test('an id that nobody knows is refused in words', async () => {
  const page = await open('/approvals/P-00000000');
  await page.getByRole('alert').getByText('There is nothing to approve').waitFor();
  expect(await findings(page)).toEqual([]);
  await page.context().close();
});

test('the other states are one key away, stand in the address, and are told apart when empty', async () => {
  const page = await open('/approvals');
  const faults = watchFaults(page.context());
  await page.getByText('expired', { exact: true }).click();
  await page.waitForURL(/state=expired/);
  await page.getByText('Approvals that are expired: none.').waitFor();
  expect(faults).toEqual([]);
  await page.context().close();
});

test('the keyboard alone reaches what is signed and the answer', async () => {
  const page = await open(`/approvals/${plan.id}`);
  await page.getByText('rekey approval v1').waitFor();
  await tabTo(page, /^rekey approval v1|The text that is signed/);
  await page.context().close();
});
