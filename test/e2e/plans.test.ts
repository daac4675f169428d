// Plans in a real browser: made with a live count and a reason, read to the end, applied by name and number, refused when the estate drifted.
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { houseCaller } from '../../src/access/caller.ts';
import type { PlanView } from '../../src/domain/view.ts';
import { eventually, findings, lookAt, tabTo } from './screens.ts';
import { onStage } from './stage.ts';

const operator = houseCaller('carol');
const markup = '<img src=x onerror=document.title=4>';
let erp: PlanView;
let page: Page;
const stage = onStage('running', async ({ estate }) => {
  const csv = ['system,account,consumer,store,ref,owner,reload,health'];
  const { items } = await estate.services.accounts(operator, { where: 'system = cargo-erp and kind = service', limit: 8 });
  for (const [n, { account }] of items.entries()) csv.push(`cargo-erp,${account},batch-${n},file,/etc/batch/${n},ops@example.test,,`);
  csv.push(`cargo-erp,${items[0]!.account},"${markup}",file,/etc/x,ops@example.test,,`, '');
  const bytes = async function* () {
    yield Buffer.from(csv.join('\n'));
  };
  await estate.services.import(operator, 'consumers', bytes(), { partial: false, file: 'consumers.csv' });
  erp = await estate.services.createPlan(operator, {
    where: 'system = cargo-erp',
    reason: `the batch host leaked ${markup}`,
    name: 'erp',
  });
});

const open = async (path: string, heading: string | RegExp): Promise<void> => {
  page = await stage.visit(path, heading);
};
const graphReady = (at: Page) => at.locator('.react-flow__node').first().waitFor();

describe('looks right in both themes, at every size, and axe finds nothing:', () => {
  test('the list', async () => {
    await lookAt(stage.browser, {
      name: 'plans',
      url: `${stage.served.url}/plans`,
      ready: (at) => at.getByRole('link', { name: 'eviction' }).waitFor(),
    });
  });
  test('a new plan', async () => {
    await lookAt(stage.browser, {
      name: 'plan-new',
      url: `${stage.served.url}/plans/new?where=${encodeURIComponent('system = harbour-ldap and privileged')}`,
      ready: (at) =>
        at
          .getByRole('status')
          .filter({ hasText: /match now/ })
          .waitFor(),
    });
  });
  test('a plan', async () => {
    await lookAt(stage.browser, {
      name: 'plan',
      url: `${stage.served.url}/plans/${erp.id}`,
      ready: async (at) => {
        await graphReady(at);
        await at.getByRole('region', { name: 'Credentials of the plan' }).getByRole('listitem').first().waitFor();
      },
    });
  });
});

test('a plan is made with its count seen and a reason given; without a reason it is not', async () => {
  await open('/plans', 'Plans');
  await page.getByRole('link', { name: 'New plan' }).click();
  await page.getByRole('textbox', { name: 'Which credentials' }).fill('system = warehouse-db and kind = service');
  await page
    .getByRole('status')
    .filter({ hasText: /\d+ accounts match now/ })
    .waitFor();
  expect(await page.getByRole('button', { name: 'Make the plan' }).isDisabled()).toBe(true);
  await page.getByRole('textbox', { name: 'Which credentials' }).fill('system = = x');
  await page
    .getByText(/column/)
    .first()
    .waitFor();
  await page.getByRole('textbox', { name: 'Which credentials' }).fill('system = warehouse-db and kind = service');
  await page.getByRole('textbox', { name: 'Reason' }).fill('its dump was found');
  await page.getByRole('textbox', { name: 'Name' }).fill('warehouse');
  await page
    .getByText(
      "rekey plan --where 'system = warehouse-db and kind = service' --reason 'its dump was found' --mode continuity --name warehouse",
    )
    .waitFor();
  await page.getByRole('button', { name: 'Make the plan' }).click();
  await page.getByRole('heading', { level: 1, name: 'Plan warehouse' }).waitFor();
  await page.getByText('0 of 1 approvals.').waitFor();
  expect(await page.getByRole('button', { name: /^Apply/ }).isDisabled()).toBe(true);
  await page.context().close();
});

describe('the page of a plan', () => {
  test('says sums with their signs, blockers and what is not covered, and the warnings once more above the button', async () => {
    const eviction = stage.served.plans[0]!;
    await open(`/plans/${eviction.id}`, 'Plan eviction');
    const sums = page.getByRole('list', { name: 'Sums of the plan' });
    for (const [n, word] of [
      [eviction.totals.rotate, 'to rotate'],
      [eviction.totals.blocked, 'blocked'],
      [eviction.totals.tier0, 'of tier 0'],
    ] as const)
      expect(await sums.getByRole('listitem').filter({ hasText: word }).textContent()).toContain(String(n));
    await page.getByText(/^! Blocked: \d+$/).waitFor();
    await page.getByText('Read these again').waitFor();
    for (const warning of eviction.warnings) await page.getByText(warning).first().waitFor();
    await page
      .getByRole('region', { name: 'What it touches' })
      .getByText(/grouped; \d+ shown/)
      .waitFor();
    await page.getByLabel('What happens to them').selectOption('blocked');
    await page.getByRole('region', { name: 'Credentials of the plan' }).getByText('blocked').first().waitFor();
    await stage.leave();
  });

  test('what it touches is a picture whose groups open by keyboard, and a table of the same', async () => {
    const eviction = stage.served.plans[0]!;
    await open(`/plans/${eviction.id}`, 'Plan eviction');
    await graphReady(page);
    const before = await page.locator('.react-flow__node').count();
    const group = page.locator('.react-flow__node[data-id^="g:"]').first();
    await group.focus();
    await page.keyboard.press('Enter');
    await eventually(() => page.locator('.react-flow__node').count()).toBeGreaterThan(before);
    expect(await page.locator('.react-flow__node').count()).toBeLessThanOrEqual(300);
    await page.getByRole('radio', { name: 'Table' }).focus();
    await page.keyboard.press('Space');
    const table = page.getByRole('group', { name: 'Systems, credentials and consumers' });
    await table.getByRole('button', { name: 'System' }).click();
    await eventually(() => table.getByRole('columnheader', { name: 'System' }).getAttribute('aria-sort')).toBe('ascending');
    expect(await findings(page)).toEqual([]);
    await stage.leave();
  });

  test('markup in a reason and in the name of a consumer is text', async () => {
    await open(`/plans/${erp.id}`, 'Plan erp');
    await page.getByText(`the batch host leaked ${markup}`).first().waitFor();
    await page.locator('.react-flow__node').filter({ hasText: markup }).waitFor();
    await page.getByRole('radio', { name: 'Table' }).focus();
    await page.keyboard.press('Space');
    await page.getByRole('cell', { name: markup }).waitFor();
    expect(await page.locator('img[src=x]').count()).toBe(0);
    expect(await page.title()).toBe('Plan erp · Rekey');
    await stage.leave();
  });
});

describe('applying', () => {
  test('an approved plan of tier 0 takes its name and number, typed by keyboard, and leads to the run', async () => {
    const where = 'system = backup-vault and kind = agent';
    await waitUntilDone(where);
    const fresh = await approved({ where, reason: 'second pass', name: 'vaults' });
    await open(`/plans/${fresh.id}`, 'Plan vaults');
    await tabTo(page, /^Apply: reset/, 400);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Apply vaults' });
    const phrase = `vaults ${fresh.totals.rotate}`;
    await dialog.getByText(`rekey apply ${fresh.id} --confirm '${phrase}'`).waitFor();
    expect(await dialog.getByRole('button', { name: /^Reset/ }).isDisabled()).toBe(true);
    expect(await findings(page)).toEqual([]);
    await dialog.getByLabel(`Type ${phrase}`).focus();
    await page.keyboard.type(phrase);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/runs\/R-|\/plans\//);
    await expect.poll(() => page.url(), { timeout: 30_000 }).toMatch(/\/runs\/R-/);
    await stage.leave();
  });

  test('a plan whose accounts changed is refused, says what changed, and is made again in one step', async () => {
    const plan = await approved({ where: 'system = warehouse-db and kind = agent', reason: 'drift', name: 'drifting' });
    const { items } = await stage.served.estate.services.planItems(operator, plan.id, { limit: 1 });
    const bytes = async function* () {
      yield Buffer.from(`system,account,owner\nwarehouse-db,${items[0]!.account},somebody-else@example.test\n`);
    };
    await stage.served.estate.services.import(operator, 'owners', bytes(), { partial: false, file: 'owners.csv' });
    await open(`/plans/${plan.id}`, 'Plan drifting');
    await page.getByRole('button', { name: /^Apply/ }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Reset/ })
      .click();
    await page
      .getByRole('dialog')
      .getByText(/is stale/)
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('The estate is not the one this was planned for').waitFor();
    await page.getByText(`warehouse-db/${items[0]!.account}`).first().waitFor();
    expect(await findings(page)).toEqual([]);
    await page.screenshot({ path: new URL('../../.cache/screens/plan-drifted-desktop-light.png', import.meta.url).pathname });
    await page.getByRole('link', { name: 'Plan again' }).click();
    expect(await page.getByRole('textbox', { name: 'Which credentials' }).inputValue()).toBe(plan.where);
    expect(await page.getByRole('textbox', { name: 'Reason' }).inputValue()).toBe('drift');
    await page.context().close();
  });
});

async function approved(request: { where: string; reason: string; name: string }): Promise<PlanView> {
  const plan = await stage.served.estate.services.createPlan(operator, request);
  await stage.served.approve(plan.id);
  return plan;
}

/** The run of the story holds every account: a second plan over some of them may start only when it is done with those. */
async function waitUntilDone(where: string): Promise<void> {
  const { items } = await stage.served.estate.services.accounts(operator, { where, limit: 100 });
  for (const { system, id } of items)
    await expect
      .poll(async () => (await stage.served.estate.services.accountRuns(operator, system, id))[0]?.state, { timeout: 120_000 })
      .toMatch(/complete|residual|excluded/);
}
