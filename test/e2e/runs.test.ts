// A run's page: waves, systems, failures by cause before rows, items by filter in the address, one item with its cells and log, and what may be done about it.
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { houseCaller } from '../../src/access/caller.ts';
import { eventually, findings, lookAt, tabTo } from './screens.ts';
import { lastWave } from './server.ts';
import { onStage } from './stage.ts';

const stage = onStage('running', lastWave);
let page: Page;
const caller = houseCaller('carol');

const open = async (search = ''): Promise<void> => {
  page = await stage.visit(`/runs/${stage.served.run.id}${search}`);
  await page.getByRole('list', { name: 'Items of the run' }).waitFor();
};
const items = () => page.getByRole('list', { name: 'Items of the run' }).getByRole('listitem');

describe('the list of runs', () => {
  test('no finding, by keyboard, on any width', async () => {
    await lookAt(stage.browser, {
      name: 'runs',
      url: `${stage.served.url}/runs`,
      ready: (each) => each.getByRole('row', { name: new RegExp(stage.served.run.id) }).waitFor(),
    });
  });
});

describe('the page of a run', () => {
  test('no finding, on any width', async () => {
    await lookAt(stage.browser, {
      name: 'run',
      url: `${stage.served.url}/runs/${stage.served.run.id}`,
      ready: (each) => each.getByRole('list', { name: 'Items of the run' }).waitFor(),
    });
  });

  test('a system and a failure are filters, kept in the address; an empty list says that the filter hides the rest', async () => {
    await open();
    await page
      .getByRole('region', { name: 'Systems' })
      .getByRole('button', { name: /backup-vault/ })
      .click();
    await eventually(() => page.url()).toContain('system=backup-vault');
    await eventually(async () => (await items().allTextContents()).every((text) => text.startsWith('backup-vault/'))).toBe(true);
    await page.reload();
    await eventually(async () => (await items().first().textContent())?.startsWith('backup-vault/')).toBe(true);
    await page.getByRole('searchbox', { name: 'Account' }).fill('nobody-of-this-name');
    await page.getByText(/the filter hides/).waitFor();
    await page.getByRole('button', { name: 'Clear the filter' }).first().click();
    await items().first().waitFor();
    expect(page.url()).not.toContain('system=');
    await stage.leave();
  });

  test('a cause that is chosen shows the items that stopped with it', async () => {
    await open();
    const cause = page.getByRole('region', { name: 'Failures by cause' }).getByRole('button').first();
    await cause.click();
    await eventually(() => cause.getAttribute('aria-pressed')).toBe('true');
    await eventually(() => page.url()).toContain('error=');
    await items().first().waitFor();
    await stage.leave();
  });

  test('draws only the rows that are seen', async () => {
    await open();
    const total = Object.values(stage.served.run.counts).reduce((n, each) => n + (each ?? 0), 0);
    expect(total).toBeGreaterThan(300);
    expect(await items().count()).toBeLessThan(60);
    await stage.leave();
  });

  test('an item shows its cells, its clock and its log', async () => {
    await open('?system=backup-vault&state=complete');
    await items().first().getByRole('button').click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('old refused').first().waitFor();
    await drawer.getByText('known by probed').first().waitFor();
    await drawer.getByRole('button', { name: 'Show its log' }).click();
    await drawer.getByText('planned → sealed').first().waitFor();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await stage.leave();
  });

  test('abort asks for the reason and for name and number, and shows what the run leaves', async () => {
    await open();
    await page.getByRole('button', { name: 'Abort' }).click();
    const dialog = page.getByRole('dialog');
    const button = dialog.getByRole('button', { name: 'Abort the run' });
    await dialog.getByLabel(/Reason/).fill('wrong scope');
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByText(/rekey run abort .* --reason 'wrong scope'/).waitFor();
    const total = Object.values((await stage.served.estate.services.run(caller, stage.served.run.id)).counts).reduce(
      (n, each) => n + (each ?? 0),
      0,
    );
    await dialog.getByLabel(/^Type/).fill(`${stage.served.run.id} ${total}`);
    expect(await button.isEnabled()).toBe(true);
    expect(await findings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await stage.leave();
  });

  test('the keyboard alone filters by a system, opens an item and is back on it when that closes', async () => {
    await open();
    await tabTo(page, /^backup-vault/);
    await page.keyboard.press('Enter');
    await eventually(() => page.url()).toContain('system=backup-vault');
    await tabTo(page, /^backup-vault\//, 60);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await eventually(() => page.evaluate<string>('document.activeElement?.textContent ?? ""')).toMatch(/^backup-vault\//);
    await stage.leave();
  });

  test('people say why there are none', async () => {
    await open();
    await page.getByText('People', { exact: true }).click();
    await page.getByText(/No account of this run says whose it is/).waitFor();
    await page.getByText('rekey import people people.csv').waitFor();
    await stage.leave();
  });
});
