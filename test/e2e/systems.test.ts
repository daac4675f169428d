// Systems in a real browser: which is in trouble and why, what a check finds, and what a reset does not end.
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { houseCaller } from '../../src/access/caller.ts';
import { signedIn } from './console-door.ts';
import { eventually, findings, lookAt, tabTo } from './screens.ts';
import { onStage } from './stage.ts';

const stage = onStage('running');
let page: Page;

const open = async (path: string, heading: string): Promise<void> => {
  page = await stage.visit(path, heading);
};

test('a halted system stands first, with its reason, the run and since when', async () => {
  // The run comes to the unreachable host in its wave: its breaker opens there.
  await expect
    .poll(
      async () =>
        (await stage.served.estate.services.run(houseCaller('carol'), stage.served.run.id)).systems.find(
          (s) => s.system === 'crane-controllers',
        )?.state,
      { timeout: 120_000 },
    )
    .toBe('halted');
  await open('/systems', 'Systems');
  // On a busy machine another may be halted too: what stands above is halted as well.
  await eventually(async () => {
    const systems = (await page.getByRole('row').allTextContents()).slice(1);
    return systems
      .slice(0, systems.findIndex((text) => text.includes('crane-controllers')) + 1)
      .map((text) => /halted: .*ago.*R-/.test(text));
  }).toSatisfy((all: boolean[]) => all.length > 0 && all.every(Boolean));
  const row = page.getByRole('row').filter({ hasText: 'crane-controllers' });
  await row.getByRole('link', { name: 'crane-controllers' }).click();
  await page.getByText('Work here is halted').waitFor();
  expect(await findings(page)).toEqual([]);
  await stage.leave();
});

test('the list looks right in both themes, at every size, and axe finds nothing', async () => {
  await lookAt(stage.browser, {
    name: 'systems',
    url: `${stage.served.url}/systems`,
    ready: (at) => at.getByRole('link', { name: 'harbour-ldap' }).first().waitFor(),
  });
});

test('a system looks right in both themes, at every size, and axe finds nothing', async () => {
  await lookAt(stage.browser, {
    name: 'system',
    url: `${stage.served.url}/systems/harbour-ldap`,
    ready: (at) => at.getByRole('heading', { name: 'What Rekey can do here' }).waitFor(),
  });
});

describe('the page of a system', () => {
  test('checks reach and rights when asked, each with its verdict', async () => {
    await open('/systems/harbour-ldap', 'harbour-ldap');
    await page.getByText(/Not checked on this page yet/).waitFor();
    await page.getByRole('button', { name: 'Check harbour-ldap now' }).click();
    await page.getByText(/^Checked /).waitFor();
    expect(await page.getByRole('region', { name: 'Reach and rights' }).getByRole('listitem').count()).toBeGreaterThan(0);
    expect(await findings(page)).toEqual([]);
    await stage.leave();
  });

  test('names what the connector can, why it cannot, and what a reset does not kill', async () => {
    await open('/systems/cargo-erp', 'cargo-erp');
    const able = page.getByRole('region', { name: 'What Rekey can do here' });
    await eventually(() => able.getByRole('row').count()).toBe(14);
    await able
      .getByText(/✗ no: ./)
      .first()
      .waitFor();
    await page
      .getByRole('region', { name: 'What a reset does not kill' })
      .getByText(/ended by|names nothing/)
      .first()
      .waitFor();
    await page.getByText(/Canary rekey-canary: in the inventory/).waitFor();
    await stage.leave();
  });

  test('leads to its accounts, and one that does not exist says so', async () => {
    await open('/systems/cargo-erp', 'cargo-erp');
    await page.getByRole('link', { name: /^\d+ accounts$/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Accounts' }).waitFor();
    expect(new URL(page.url()).searchParams.get('where')).toBe('system = cargo-erp');
    await stage.leave();
    await open('/systems/cargo-epr', 'cargo-epr');
    await page.getByText(/did you mean "cargo-erp"/).waitFor();
    await page.context().close();
  });

  test('offers no check to somebody who may not sign in at targets', async () => {
    stage.served.door.session = { ...signedIn, permissions: { 'run.read': 'all', 'estate.read': 'all' } };
    try {
      await open('/systems/cargo-erp', 'cargo-erp');
      await page.getByText(/None of your roles may check/).waitFor();
      expect(await page.getByRole('button', { name: /Check|Discover/ }).count()).toBe(0);
      await stage.leave();
    } finally {
      stage.served.door.session = signedIn;
    }
  });
});

test('the keyboard alone discovers a system and sees how many accounts were found', async () => {
  await open('/systems/backup-vault', 'backup-vault');
  await tabTo(page, /^Discover$/);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Discover backup-vault' });
  await tabTo(page, /^Discover backup-vault now$/);
  await page.keyboard.press('Enter');
  await dialog.getByText(/13 accounts found\./).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await stage.leave();
});
