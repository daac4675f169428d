// The first screen: it answers its five questions without scrolling, from what the store holds, and says "not known" where nobody knows.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { houseCaller } from '../../src/access/caller.ts';
import { openBrowser, openPage, patience, watchFaults } from './browser.ts';
import { lookAt, tabTo } from './screens.ts';
import { type Served, serveStory } from './server.ts';

let served: Served;
let empty: Omit<Served, 'plans' | 'run'>;
let browser: Browser;
const caller = houseCaller('carol');
const access = (page: Page) => page.getByRole('region', { name: 'What the attacker can still use' });

beforeAll(async () => {
  [served, empty, browser] = await Promise.all([serveStory('running'), serveStory('empty'), openBrowser()]);
}, 600_000);
afterAll(async () => {
  await browser?.close();
  await served?.close();
  await empty?.close();
});

describe('with a run under way', () => {
  test('what is open, where the run is, what needs somebody and which system is in trouble stand above the fold at 1366×768', async () => {
    const { services } = served.estate;
    await expect
      .poll(async () => (await services.now(caller)).systems.find(({ system }) => system === 'crane-controllers')?.state, {
        timeout: 240_000,
      })
      .toBe('halted');
    const page = await openPage(browser);
    const faults = watchFaults(page.context());
    await page.goto(served.url);
    await access(page).waitFor();
    await page.getByRole('link', { name: /crane-controllers is halted/ }).waitFor();
    for (const name of ['What the attacker can still use', 'Where the run is', /Needs somebody/, 'Systems', 'People and applications']) {
      const box = await page.getByRole('region', { name }).boundingBox();
      expect(box === null ? Number.NaN : box.y + box.height, `${name} ends below the fold`).toBeLessThanOrEqual(768);
    }
    await page.getByRole('region', { name: 'Systems' }).getByText('the canary account of crane-controllers did not come through').waitFor();
    await page
      .getByRole('region', { name: 'Systems' })
      .getByText(/since .* ago/)
      .first()
      .waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('the figures are those of the API, and an old secret counts as open until it was proved refused', async () => {
    const { services } = served.estate;
    const now = await services.now(caller);
    const items = Object.values(now.old).reduce((n, each) => n + (each ?? 0), 0);
    expect(items).toBe(now.total);
    const run = await services.run(caller, served.run.id);
    expect(now.old.refused ?? 0).toBeGreaterThanOrEqual(run.counts.complete === undefined ? 0 : 1);
    expect(now.tier0?.total).toBeGreaterThan(0);
    expect(now.needs.find(({ kind }) => kind === 'approve')).toMatchObject({ plan: served.plans[1]?.id, mine: false, by: 'carol' });
  });

  test('people count as having fetched once their new secret was shown to them, and nobody else does', async () => {
    const { services } = served.estate;
    const delivery = async () => (await services.now(caller)).delivery;
    const where = 'system = harbour-ldap and kind = human and state = complete';
    const reset = async () => (await services.accounts(caller, { where, limit: 1 })).items[0];
    await expect.poll(reset, { timeout: 240_000 }).toBeDefined();
    const { system, id, owner } = (await reset())!;
    expect((await delivery()).fetched).toBe(0);
    const session = { id: 'L-of-the-person', csrf: '', passkeyAt: null };
    await services.reveal({ name: 'somebody', custodian: false, identity: owner, roles: ['owner'], via: 'session', session }, system, id);
    const { people, fetched } = await delivery();
    expect(fetched).toBe(1);
    expect(people).toBeGreaterThan(1);
    const page = await openPage(browser);
    await page.goto(served.url);
    const said = page.getByRole('region', { name: 'People and applications' });
    await said.getByText(/^by 1 of [\d\u202f]+ people, [\d\u202f]+ not yet$/).waitFor();
    const [of, open] = [.../of (\S+) people, (\S+) not yet/.exec((await said.textContent()) ?? '')!]
      .slice(1)
      .map((figure) => Number(figure.replaceAll(/\D/g, '')));
    expect(open).toBe((of ?? 0) - 1);
    await page.context().close();
  });

  test('a line that is lost says how old the picture is, and the page reads everything again when it is back', async () => {
    const page = await openPage(browser);
    await page.goto(served.url);
    await access(page).waitFor();
    await expect.poll(() => page.locator('[data-live]').getAttribute('data-live'), { timeout: patience }).toBe('live');
    served.door.deaf = true;
    served.door.cut();
    try {
      await expect.poll(() => page.locator('[data-live]').getAttribute('data-live'), { timeout: patience }).toMatch(/^\d+ s old$/);
    } finally {
      served.door.deaf = false;
    }
    await expect.poll(() => page.locator('[data-live]').getAttribute('data-live'), { timeout: 2 * patience }).toBe('live');
    await page.context().close();
  });

  test('the keyboard alone reaches what needs somebody, and the run behind it', async () => {
    const page = await openPage(browser);
    await page.goto(served.url);
    await access(page).waitFor();
    await tabTo(page, /crane-controllers is halted/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: `Run ${served.run.id}` }).waitFor();
    expect(page.url()).toContain('system=crane-controllers');
    await page.context().close();
  });

  test('no finding at AA, no sideways scrolling', async () => {
    await lookAt(browser, { name: 'now', url: served.url, ready: (page) => access(page).waitFor() });
  });

  test('the wallboard names nobody', async () => {
    await lookAt(browser, { name: 'wallboard', url: `${served.url}/wallboard`, ready: (page) => access(page).waitFor() });
    const page = await openPage(browser);
    await page.goto(`${served.url}/wallboard`);
    await access(page).waitFor();
    const text = (await page.locator('body').textContent()) ?? '';
    for (const name of ['carol', '@harbour-pine.example', 'svc-']) expect(text).not.toContain(name);
    expect(await page.getByRole('button').count()).toBe(0);
    await page.context().close();
  });
});

describe('before anything has run', () => {
  test('says so, claims nothing about an attacker, and shows the way', async () => {
    await lookAt(browser, {
      name: 'now-empty',
      url: empty.url,
      ready: (page) => page.getByRole('heading', { name: 'The way to the first reset' }).waitFor(),
    });
    const page = await openPage(browser);
    await page.goto(empty.url);
    await page.getByText('Rekey cannot say what an attacker could use').waitFor();
    await page.getByText('rekey discover').waitFor();
    await page.context().close();
  });
});
