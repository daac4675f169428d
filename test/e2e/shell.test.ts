// The frame around every screen, in a real browser: what stands on every page, and what it does when the line to the server breaks.
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openPage } from './browser.ts';
import { signedIn } from './console-door.ts';
import { eventually, findings, tabTo } from './screens.ts';
import { lastWave } from './server.ts';
import { onStage } from './stage.ts';

const stage = onStage('running', lastWave);
let page: Page;

const open = async (path = '/'): Promise<void> => {
  page = await stage.visit(path);
};

describe('every page', () => {
  test.each(['/plans', '/runs', '/accounts', '/systems', '/approvals', '/evidence', '/settings', '/'])(
    '%s says which estate, that it is a demo, which run, whether it is live, and has Pause',
    async (path) => {
      await open(path);
      const header = page.getByRole('banner');
      for (const text of ['harbour-and-pine', 'DEMO', stage.served.run.id, 'T+'])
        await header.getByText(text, { exact: false }).first().waitFor();
      await eventually(() => header.locator('[data-live]').getAttribute('data-live')).toMatch(/live|connecting|old/);
      expect(await header.getByRole('button', { name: 'Pause' }).isEnabled()).toBe(true);
      await stage.leave();
    },
  );

  test('Pause asks for a reason, shows the command that does the same, and resume undoes it', async () => {
    await open('/settings');
    await page.getByRole('button', { name: 'Pause' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Pause the run' }).isDisabled()).toBe(true);
    await dialog.getByLabel(/Reason/).fill("the ERP's batch is late");
    await dialog.getByText(`rekey run pause ${stage.served.run.id} --reason 'the ERP'\\''s batch is late'`).waitFor();
    expect(await findings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Pause the run' }).click();
    await page.getByRole('banner').getByText('paused').waitFor();
    // The dialog is still open while the server settles; it must not have turned into the question whether to resume.
    expect(await dialog.getByRole('button', { name: 'Resume the run' }).count()).toBe(0);
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('banner').getByRole('button', { name: 'Resume' }).click();
    await page.getByText("the ERP's batch is late").waitFor();
    await page.getByRole('button', { name: 'Resume the run' }).click();
    await page.getByRole('banner').getByText('running').waitFor();
    await page.context().close();
  });

  test('what a caller may not do is not offered', async () => {
    stage.served.door.session = { ...signedIn, permissions: { 'run.read': 'all', 'estate.read': 'all' } };
    try {
      await open('/settings');
      await page.getByRole('banner').getByText(stage.served.run.id).waitFor();
      expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
      expect(await page.getByRole('navigation').getByRole('link').allTextContents()).toEqual([
        'Now',
        'Runs',
        'Accounts',
        'Systems',
        'Settings',
      ]);
    } finally {
      stage.served.door.session = signedIn;
      await page.context().close();
    }
  });
});

describe('the keyboard alone', () => {
  test('reaches Pause and every screen, and each stop can be seen', async () => {
    await open('/settings');
    // Pause has its place in the row once the page has heard of the run.
    await page.getByRole('banner').getByText(stage.served.run.id).waitFor();
    await tabTo(page, /^Pause$/);
    await tabTo(page, /^Evidence$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Evidence' }).waitFor();
    await page.context().close();
  });

  test('g and a letter goes to a screen; ? tells the keys; Ctrl K finds an account, a system and a screen', async () => {
    await open('/settings');
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    // Until it hears of the run, Pause is disabled, and looks so.
    await page.getByRole('banner').getByText(stage.served.run.id).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to' }).fill('rekey-can');
    await page.getByRole('option', { name: /cargo-erp\/rekey-canary/ }).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.getByRole('combobox', { name: 'Go to' }).fill('crane');
    await page.getByRole('option', { name: /^Systems\s*crane-controllers/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /crane-controllers/ }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to' }).fill('evid');
    await page.getByRole('option', { name: /Evidence/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Evidence' }).waitFor();
    await page.context().close();
  });
});

describe('a dialog', () => {
  test.each([
    ['/settings', /^Pause$/, 'Pause'],
    ['/settings', /^Go to/, 'Go to'],
    ['/settings?tab=members', /^Invite somebody$/, 'Invite somebody'],
    ['/settings?tab=tokens', /^New token$/, 'New token'],
  ])('of %s gives the focus back to what opened it (%s), and is no second banner of the page', async (path, opener, name) => {
    await open(path);
    await page.getByRole('banner').getByText(stage.served.run.id).waitFor();
    await tabTo(page, opener);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await page.getByRole('banner').count()).toBeLessThanOrEqual(1);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await eventually(() => page.evaluate<string>('document.activeElement?.textContent ?? ""')).toContain(name);
    await page.context().close();
  });
});

test.each([
  ['the palette', /^Go to/, () => page.getByRole('combobox', { name: 'Go to' }).fill('keys'), 'option'],
  ['the menu under the name', /^carol$/, () => page.getByRole('menuitem', { name: 'Keys' }).waitFor(), 'menuitem'],
] as const)('the keys, opened from %s, give the focus back to what opened that', async (_, opener, find, entry) => {
  await open('/settings');
  await page.getByRole('banner').getByText(stage.served.run.id).waitFor();
  await tabTo(page, opener);
  await page.keyboard.press('Enter');
  await find();
  await page.getByRole(entry, { name: /Keys$/ }).click();
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await eventually(() => page.evaluate<string>('document.activeElement?.textContent ?? ""')).toMatch(opener);
  await stage.leave();
});

test('a refusal is shown with its hint and the number of the request', async () => {
  stage.served.door.deaf = true;
  try {
    page = await openPage(stage.browser);
    await page.goto(stage.served.url);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('does not answer');
    stage.served.door.deaf = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { level: 1, name: 'Now' }).waitFor();
  } finally {
    stage.served.door.deaf = false;
    await page.context().close();
  }
});
