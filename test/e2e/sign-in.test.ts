// The door: what somebody who is not signed in sees, one thing at a time, in words.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser, openPage, patience } from './browser.ts';
import { signedIn } from './console-door.ts';
import { findings, lookAt } from './screens.ts';
import { type Served, serveStory } from './server.ts';

let served: Omit<Served, 'plans' | 'run'>;
let browser: Browser;
const signedOut = { ...signedIn, signedIn: false, member: null, permissions: {}, csrf: null };

beforeAll(async () => {
  [served, browser] = await Promise.all([serveStory('empty'), openBrowser()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await served?.close();
});

describe('who is not signed in', () => {
  test.each([
    ['sign-in', '/', { ...signedOut, oidc: { label: 'Harbour ID' } }, 'Sign in'],
    ['bootstrap', '/#code=ABCD-EFGH', { ...signedOut, bootstrap: true }, 'First administrator'],
    ['join', '/join?code=JKLM-NPQR', signedOut, 'You are invited'],
  ])('%s: no finding, by keyboard, on any width', async (name, path, session, heading) => {
    served.door.session = session;
    await lookAt(browser, {
      name,
      url: `${served.url}${path}`,
      ready: (page) => page.getByRole('heading', { level: 1, name: heading }).waitFor(),
    });
  });

  test('sees neither the header nor the way to a screen', async () => {
    served.door.session = signedOut;
    const page = await openPage(browser);
    await page.goto(`${served.url}/runs`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
    await page.context().close();
  });

  test('a one-time code is in the field and no longer in the address', async () => {
    served.door.session = { ...signedOut, bootstrap: true };
    const page = await openPage(browser);
    await page.goto(`${served.url}/?code=ABCD-EFGH`);
    await expect.poll(() => page.getByLabel(/One-time code/).inputValue(), { timeout: patience }).toBe('ABCD-EFGH');
    expect(page.url()).not.toContain('ABCD');
    await page.context().close();
  });

  test('is told when the server does not take the sign-in', async () => {
    served.door.session = signedOut;
    const page = await openPage(browser);
    await page.route('**/v1/sign-in/passkey/options', (route) =>
      route.fulfill({
        status: 403,
        contentType: 'application/problem+json',
        body: JSON.stringify({ code: 'not-permitted', detail: 'sign-in is closed', hint: 'ask an administrator', requestId: 'r-1' }),
      }),
    );
    await page.goto(served.url);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    for (const text of ['sign-in is closed', 'ask an administrator', 'Request r-1']) expect(await alert.textContent()).toContain(text);
    expect(await findings(page)).toEqual([]);
    await page.context().close();
  });
});
