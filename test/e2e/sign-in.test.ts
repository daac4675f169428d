// The door: what somebody who is not signed in sees, one thing at a time, in words.
import { describe, expect, test } from 'vitest';
import { addPasskeys, openPage, patience, watchFaults } from './browser.ts';
import { signedIn } from './console-door.ts';
import { findings, lookAt } from './screens.ts';
import { onStage } from './stage.ts';

const stage = onStage('empty');
const signedOut = { ...signedIn, signedIn: false, member: null, permissions: {}, csrf: null };

describe('who is not signed in', () => {
  test.each([
    ['sign-in', '/', { ...signedOut, oidc: { label: 'Harbour ID' } }, 'Sign in'],
    ['bootstrap', '/#code=ABCD-EFGH', { ...signedOut, bootstrap: true }, 'First administrator'],
    ['join', '/join?code=JKLM-NPQR', signedOut, 'You are invited'],
  ])('%s: no finding, by keyboard, on any width', async (name, path, session, heading) => {
    stage.served.door.session = session;
    await lookAt(stage.browser, {
      name,
      url: `${stage.served.url}${path}`,
      ready: (page) => page.getByRole('heading', { level: 1, name: heading }).waitFor(),
    });
  });

  test('sees neither the header nor the way to a screen', async () => {
    stage.served.door.session = signedOut;
    const page = await openPage(stage.browser);
    await page.goto(`${stage.served.url}/runs`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
    await page.context().close();
  });

  test('a one-time code is in the field and no longer in the address', async () => {
    stage.served.door.session = { ...signedOut, bootstrap: true };
    const page = await openPage(stage.browser);
    await page.goto(`${stage.served.url}/?code=ABCD-EFGH`);
    await expect.poll(() => page.getByLabel(/One-time code/).inputValue(), { timeout: patience }).toBe('ABCD-EFGH');
    expect(page.url()).not.toContain('ABCD');
    await page.context().close();
  });

  test('is told when the server does not take the sign-in', async () => {
    stage.served.door.session = signedOut;
    const page = await openPage(stage.browser);
    await page.route('**/v1/sign-in/passkey/options', (route) =>
      route.fulfill({
        status: 403,
        contentType: 'application/problem+json',
        body: JSON.stringify({ code: 'not-permitted', detail: 'sign-in is closed', hint: 'ask an administrator', requestId: 'r-1' }),
      }),
    );
    await page.goto(stage.served.url);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    for (const text of ['sign-in is closed', 'ask an administrator', 'Request r-1']) expect(await alert.textContent()).toContain(text);
    expect(await findings(page)).toEqual([]);
    await page.context().close();
  });
});

test('the first administrator comes in by code and passkey, signs out, and in again; the code lets nobody else in', async () => {
  const server = await stage.served.estate.serve({ listen: { host: '127.0.0.1', port: 0 }, proxies: [], logLevel: 'error' });
  const { url } = server;
  const page = await openPage(stage.browser);
  const faults = watchFaults(page.context());
  try {
    await addPasskeys(page);
    await page.goto(`${url}/bootstrap`);
    await page.getByLabel(/One-time code/).fill(server.code ?? '');
    await page.getByLabel(/^Name/).fill('alice');
    await page.getByLabel(/E-mail/).fill('alice@harbour-pine.example');
    await page.getByRole('button', { name: 'Make a passkey and go in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Now' }).waitFor();
    await page.getByRole('button', { name: 'alice' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('button', { name: 'alice' }).waitFor();
    const stranger = await openPage(stage.browser);
    await stranger.goto(`${url}/bootstrap`);
    await stranger.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await stranger.context().close();
    expect(faults).toEqual([]);
  } finally {
    await page.context().close();
  }
});
