// Accounts in a real browser: the filter and its errors, a grid by keyboard, selection that says number and filter, imports with their faults, and names that are only ever text.
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { houseCaller } from '../../src/access/caller.ts';
import { phone } from './browser.ts';
import { signedIn } from './console-door.ts';
import { eventually, findings, lookAt, tabTo } from './screens.ts';
import { onStage } from './stage.ts';
import { markup } from './story.ts';

const stage = onStage('running');
let page: Page;

const consumers = [
  'system,account,consumer,store,ref,owner,reload,health',
  `cargo-erp,svc-001,"${'<script>document.title=2</script>'}",file,/etc/app,ops@example.test,,`,
  '',
];

const open = async (path: string): Promise<void> => {
  page = await stage.visit(path, 'Accounts');
};
const grid = () => page.getByRole('grid', { name: 'Accounts' });
const status = (text: RegExp | string) => page.getByRole('status').filter({ hasText: text }).first();

test('looks right in both themes, at every size, and axe finds nothing', async () => {
  await lookAt(stage.browser, {
    name: 'accounts',
    url: `${stage.served.url}/accounts`,
    ready: async (at) => {
      await at.getByRole('grid').getByRole('row').nth(3).waitFor();
      await at
        .getByRole('status')
        .filter({ hasText: /\d accounts/ })
        .first()
        .waitFor();
    },
  });
});

test('an account beside the list looks right too', async () => {
  const { items } = await stage.served.estate.services.accounts(houseCaller('carol'), { where: 'system = backup-vault', limit: 3 });
  const account = items[1]!;
  await lookAt(stage.browser, {
    name: 'account',
    url: `${stage.served.url}/accounts?open=${account.system}/${encodeURIComponent(account.id)}`,
    ready: async (at) => {
      await at.getByRole('dialog').getByText('Id at the target').waitFor();
      await at.getByRole('dialog').getByRole('heading', { name: 'Delivery' }).waitFor();
      await eventually(() => at.getByRole('dialog').locator('[aria-busy="true"]').count()).toBe(0);
    },
  });
});

describe('the filter', () => {
  test('stands in the address, is counted by the server, and a quick filter joins what was typed', async () => {
    await open('/accounts');
    await page.getByLabel('System', { exact: true }).selectOption('harbour-ldap');
    await page.getByRole('button', { name: 'Privileged', exact: true }).click();
    await eventually(() => new URL(page.url()).searchParams.get('where')).toBe('system = harbour-ldap and privileged');
    await status(/\d+ accounts? that match/).waitFor();
    const rows = await grid().getAttribute('aria-rowcount');
    const { count } = (await (
      await page.request.get(`${stage.served.url}/v1/accounts/count?where=${encodeURIComponent('system = harbour-ldap and privileged')}`)
    ).json()) as { count: number };
    expect(rows).toBe(String(count + 1));
    await page.getByRole('button', { name: 'Privileged', exact: true }).click();
    await eventually(() => new URL(page.url()).searchParams.get('where')).toBe('system = harbour-ldap');
    await stage.leave();
  });

  test('a mistake is told where it was made, with what was meant', async () => {
    await open('/accounts');
    const box = page.getByLabel('Filter: conditions on accounts');
    await box.fill('sytem = harbour-ldap');
    await box.press('Enter');
    await page
      .getByText(/"sytem" is not a field/)
      .first()
      .waitFor();
    await page
      .getByText(/did you mean system/)
      .first()
      .waitFor();
    expect(await box.getAttribute('aria-invalid')).toBe('true');
    expect(await findings(page)).toEqual([]);
    await page.context().close(); // the refused request is in the console, as it should be
  });

  test('that hides everything says how many it hides, and clears', async () => {
    await open(`/accounts?where=${encodeURIComponent('name = nobody-has-this-name')}`);
    await page.getByText(/the filter hides [\d\u202f]+ entries/).waitFor();
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await grid().waitFor();
    await stage.leave();
  });

  test('no answer reads as no answer, never as an empty list', async () => {
    await open('/accounts');
    stage.served.door.deaf = true;
    try {
      await page.getByLabel('Filter: conditions on accounts').fill('tier = 2');
      await page.getByLabel('Filter: conditions on accounts').press('Enter');
      await page.getByText('Accounts: cannot be loaded.').waitFor();
    } finally {
      stage.served.door.deaf = false;
    }
    await page.context().close();
  });
});

describe('on a telephone', () => {
  test('the filter is folded, says how many conditions are on, and opens by a key', async () => {
    await open(`/accounts?where=${encodeURIComponent('system = cargo-erp and kind = service')}`);
    await page.setViewportSize(phone);
    const folded = page.getByRole('search').locator('summary');
    await folded.filter({ hasText: '2 conditions on' }).waitFor();
    const field = page.getByLabel('Filter: conditions on accounts');
    expect(await field.isVisible()).toBe(false);
    const box = await grid().boundingBox();
    expect(box?.y ?? Number.NaN).toBeLessThan(phone.height / 3);
    await page.keyboard.press('/');
    await field.waitFor();
    expect(await page.evaluate<string | null>('document.activeElement?.getAttribute("aria-label")')).toBe('Filter: conditions on accounts');
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await folded.filter({ hasText: 'Filter: off' }).waitFor();
    expect(await findings(page)).toEqual([]);
    await stage.leave();
  });

  test('a condition that cannot be read is not folded away', async () => {
    await open(`/accounts?where=${encodeURIComponent('sytem = cargo-erp')}`);
    await page.setViewportSize(phone);
    await page
      .getByText(/"sytem" is not a field/)
      .first()
      .waitFor();
    await page.context().close(); // the refused request is in the console, as it should be
  });
});

describe('the keyboard alone', () => {
  test('one Tab reaches the grid; arrows move in it, Space selects, Enter opens, Escape goes back to the same cell', async () => {
    await open('/accounts');
    await grid().getByRole('row').nth(3).waitFor();
    await tabTo(page, /^Clear$|^Blocked by owner/);
    for (let n = 0; n < 8; n++) {
      if ((await page.evaluate<string | null>('document.activeElement?.getAttribute("role")')) === 'gridcell') break;
      await page.keyboard.press('Tab');
    }
    const at = () => page.evaluate<string | null>('document.activeElement?.getAttribute("data-cell")');
    expect(await at()).toBe('0:1');
    await page.keyboard.press('ArrowDown');
    await eventually(at).toBe('1:1');
    await page.keyboard.press('Space');
    await page.getByRole('region', { name: 'Selection' }).getByRole('status').filter({ hasText: 'These 1' }).waitFor();
    await page.keyboard.press('Control+End');
    await eventually(async () => Number((await at())?.split(':')[0])).toBeGreaterThan(100);
    await page.keyboard.press('Control+Home');
    await eventually(at).toBe('0:0');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('Id at the target').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await eventually(at).toBe('0:1');
    await stage.leave();
  });

  test('the header sorts by Enter, says so, and the server does it', async () => {
    await open('/accounts');
    await grid().getByRole('row').nth(3).waitFor();
    await grid()
      .getByRole('gridcell')
      .nth(1)
      .click({ position: { x: 2, y: 2 } });
    await page.keyboard.press('Escape');
    const tier = grid().getByRole('columnheader', { name: 'Tier' });
    await tier.focus();
    await page.keyboard.press('Enter');
    await eventually(() => tier.getAttribute('aria-sort')).toBe('ascending');
    await page.keyboard.press('Enter');
    await eventually(() => tier.getAttribute('aria-sort')).toBe('descending');
    await eventually(() => new URL(page.url()).searchParams.get('sort')).toBe('-tier');
    await eventually(() => grid().getByRole('row').nth(1).getByRole('gridcell').nth(3).textContent()).toBe('2');
    await page.context().close();
  });
});

describe('a selection', () => {
  test('of rows says "these", of everything says how many and by which filter, and becomes a plan', async () => {
    await open(`/accounts?where=${encodeURIComponent('system = cargo-erp')}`);
    await grid().getByRole('row').nth(3).waitFor();
    for (const row of [1, 2, 3]) await grid().getByRole('row').nth(row).getByRole('checkbox').check();
    const bar = page.getByRole('region', { name: 'Selection' });
    await bar.getByRole('status').filter({ hasText: 'These 3' }).waitFor();
    await bar.getByRole('button', { name: /Select all \d+ that match the filter/ }).click();
    await bar.getByText(/All \d+ that match:/).waitFor();
    await bar.getByText('system = cargo-erp', { exact: true }).waitFor();
    await page.screenshot({ path: new URL('../../.cache/screens/accounts-selected-desktop-light.png', import.meta.url).pathname });
    expect(await findings(page)).toEqual([]);
    await bar.getByRole('link', { name: /Plan a reset of all \d+/ }).click();
    await page.getByRole('heading', { level: 1, name: 'New plan' }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Which credentials' }).inputValue()).toBe('system = cargo-erp');
    await stage.leave();
  });

  test('never reaches further than the filter it was made under: another filter begins without one', async () => {
    await open('/accounts');
    await grid().getByRole('row').nth(3).waitFor();
    await grid().getByRole('row').nth(1).getByRole('checkbox').check();
    await page.getByRole('region', { name: 'Selection' }).waitFor();
    await page.getByRole('button', { name: 'Exposed', exact: true }).click();
    await page.getByRole('region', { name: 'Selection' }).waitFor({ state: 'detached' });
    await stage.leave();
  });
});

describe('an import', () => {
  test('shows every bad row with its line and takes nothing; a good file says how many', async () => {
    await open('/accounts');
    await page.getByRole('button', { name: 'Import' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import a CSV' });
    const upload = (text: string) =>
      dialog.locator('input[type=file]').setInputFiles({ name: 'owners.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await upload('system,account,owner\ncargo-erp,nobody-here,a@example.test\nno-such-system,x,b@example.test\n');
    await dialog.getByRole('button', { name: 'Import owners', exact: true }).click();
    await dialog.getByText('2 rows with a fault:').waitFor();
    await dialog
      .getByText(/owners\.csv:2/)
      .first()
      .waitFor();
    await dialog
      .getByText(/owners\.csv:3/)
      .first()
      .waitFor();
    expect(await findings(page)).toEqual([]);
    await page.screenshot({ path: new URL('../../.cache/screens/accounts-import-desktop-light.png', import.meta.url).pathname });
    const { items } = await stage.served.estate.services.accounts(houseCaller('carol'), {
      where: 'system = cargo-erp and kind = service',
      limit: 1,
    });
    await upload(`system,account,owner\ncargo-erp,${items[0]!.account},${'"<img src=x onerror=""document.title=3"">"'}\n`);
    await dialog.getByRole('button', { name: 'Import owners', exact: true }).click();
    await dialog.getByText('1 of 1 row imported.').waitFor();
    await page.context().close();
  });

  test('is not offered to somebody who may not', async () => {
    stage.served.door.session = { ...signedIn, permissions: { 'run.read': 'all', 'estate.read': 'all' } };
    try {
      await open('/accounts');
      await grid().waitFor();
      expect(await page.getByRole('button', { name: /Import|Discover/ }).count()).toBe(0);
      await page.context().close();
    } finally {
      stage.served.door.session = signedIn;
    }
  });
});

test('markup in the name of an account, an owner or a consumer is text: nothing of it runs', async () => {
  const bytes = async function* () {
    const { items } = await stage.served.estate.services.accounts(houseCaller('carol'), {
      where: 'system = cargo-erp and kind = service',
      limit: 2,
    });
    yield Buffer.from(consumers.join('\n').replace('svc-001', items[1]!.account));
  };
  await stage.served.estate.services.import(houseCaller('carol'), 'consumers', bytes(), { partial: false, file: 'consumers.csv' });
  await open(`/accounts?where=${encodeURIComponent('system = warehouse-db')}`);
  const row = grid().getByText(markup, { exact: true });
  await row.first().waitFor();
  await row.first().click();
  await page.getByRole('dialog').getByText(markup).first().waitFor();
  expect(await page.locator('img[src=x]').count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.goto(`${stage.served.url}/accounts?where=${encodeURIComponent('system = cargo-erp')}&columns=account,owner,consumers`);
  await grid().getByRole('row').nth(2).waitFor();
  expect(await page.locator('img[src=x]').count()).toBe(0);
  expect(await page.title()).toBe('Accounts · Rekey');
  await stage.leave();
});
