// The delivery pages in a real browser: with and without JavaScript, by keyboard, on a phone, enlarged, and with nothing on the screen when it is only copied.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type AuthenticationResponseJSON, verifyAuthenticationResponse } from '@simplewebauthn/server';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Delivery, deliveryGround } from '../harness/delivery.ts';
import { addPasskeys, openBrowser, openPage, phone, watchFaults } from './browser.ts';
import { lookAt, tabTo } from './screens.ts';

const secret = 'q9"<Ab&\'Zz-77+Kp';
let ground: Delivery;
let browser: Browser;
let url: string;
let n = 0;

beforeAll(async () => {
  [ground, browser] = await Promise.all([deliveryGround({ help: 'Call 4444, or come to desk 3.' }), openBrowser()]);
  await ground.api.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(ground.api.server.address() as AddressInfo).port}`;
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await ground?.close();
});

/** Somebody with one account that was reset for them; the headers stand for their session. */
async function somebody(text = secret): Promise<{ headers: Record<string, string>; page: string; login: string }> {
  const name = `person-${++n}`;
  const login = `uid=${name},ou=people,dc=a-rather-long-company-name,dc=example,dc=test`;
  await ground.add({ id: login, identity: name, secret: text });
  return { headers: { person: name, session: `browser-of-${name}` }, page: `${url}/my/orders-db/${encodeURIComponent(login)}`, login };
}
const openAs = (headers: Record<string, string>, options: BrowserContextOptions = {}): Promise<Page> =>
  openPage(browser, { viewport: phone, extraHTTPHeaders: headers, ...options });
const show = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /^Show it/ }).click();
  await secretShown(page);
};
const secretShown = (page: Page): Promise<void> => page.locator('#secret').waitFor();
const shown = (page: Page): Promise<string | null> => page.locator('#secret').textContent();

describe('each page holds for WCAG 2.2 AA in both themes, at 320 px and at 400 %', () => {
  const as = (headers: Record<string, string>) => (page: Page) => page.context().setExtraHTTPHeaders(headers);
  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).waitFor();

  test('who is not signed in', () => lookAt(browser, { name: 'my-sign-in', url: `${url}/my`, ready: heading }));
  test('the list, with something in it and empty', async () => {
    const { headers } = await somebody();
    await lookAt(browser, { name: 'my-list', url: `${url}/my`, before: as(headers), ready: heading });
    await lookAt(browser, { name: 'my-list-empty', url: `${url}/my`, before: as({ person: 'nobody' }), ready: heading });
  });
  test('an account before, while and after its secret is shown', async () => {
    const { headers, page } = await somebody();
    await lookAt(browser, { name: 'my-account', url: page, before: as(headers), ready: heading });
    await lookAt(browser, { name: 'my-secret', url: page, before: as(headers), act: show, ready: secretShown });
    await lookAt(browser, { name: 'my-elsewhere', url: page, before: as({ ...headers, session: 'another' }), ready: heading });
  });
  test('a secret of many lines', async () => {
    const { headers, page } = await somebody(`-----BEGIN KEY-----\n${'QUJDREVGR0g='.repeat(12)}\n-----END KEY-----\n`);
    await lookAt(browser, { name: 'my-secret-lines', url: page, before: as(headers), act: show, ready: secretShown });
  });
});

test('without JavaScript: from the list to the secret and back, and the list says that it is done', async () => {
  const { headers, login } = await somebody();
  const page = await openAs(headers, { javaScriptEnabled: false });
  await page.goto(`${url}/my`);
  await page.getByRole('link', { name: login }).click();
  expect(await page.getByRole('button').allTextContents()).toEqual(['Show it']); // the other one needs the script, and is hidden
  await show(page);
  expect(await shown(page)).toBe(secret);
  await page.getByText('Spell it out').click();
  expect(await page.getByText('capital A, Alfa').isVisible()).toBe(true);
  await page.getByRole('button', { name: 'I have saved it' }).click();
  expect(new URL(page.url()).pathname).toBe('/my');
  await page.getByText('Done: you got it at').waitFor();
  await page.context().close();
});

test('the keyboard alone leads from the list to the secret; every stop shows where it is', async () => {
  const { headers } = await somebody();
  const page = await openAs(headers);
  await page.goto(`${url}/my`);
  await tabTo(page, /on orders-db/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /on orders-db/ }).waitFor();
  await tabTo(page, /^Show it$/);
  await page.keyboard.press('Enter');
  await page.locator('#secret').waitFor();
  expect(await shown(page)).toBe(secret);
  await tabTo(page, /^Copy$/);
  await tabTo(page, /^Hide$/);
  await page.keyboard.press('Enter');
  await expect.poll(() => page.locator('#live').textContent()).toBe('Hidden.');
  expect(await page.locator('#secret span').first().isVisible()).toBe(false);
  await page.context().close();
});

test('copied without showing: it is on the clipboard, was never in the page, and the page says so to a screen reader', async () => {
  const { headers, page: address } = await somebody();
  const page = await openAs(headers);
  const faults = watchFaults(page.context());
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).origin}`));
  await page.goto(address);
  await page.evaluate(
    `new MutationObserver(() => { window.seen = (window.seen ?? '') + document.documentElement.innerHTML; }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true })`,
  );
  await page.getByRole('button', { name: 'Copy it without showing' }).click();
  await expect.poll(() => page.locator('#live').textContent()).toContain('Copied.');
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(secret);
  expect(String(await page.evaluate('window.seen'))).not.toMatch(/q9(&quot;|")/);
  expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, document.cookie])')).not.toContain(
    'q9',
  );
  expect(new Set(asked)).toEqual(new Set([`GET ${url}`, `POST ${url}`]));
  expect(faults).toEqual([]);
  await page.context().close();
});

test('marked and copied by hand it is the value and nothing else; another browser is told that it was shown', async () => {
  const { headers, page: address } = await somebody();
  const page = await openAs(headers);
  await page.goto(address);
  await show(page);
  expect(
    await page.evaluate(
      `(() => { getSelection().selectAllChildren(document.getElementById('secret')); return getSelection().toString(); })()`,
    ),
  ).toBe(secret);
  const other = await openAs({ ...headers, session: 'another' });
  await other.goto(address);
  expect(await other.getByText('shown in another browser').isVisible()).toBe(true);
  expect(await other.getByRole('button').count()).toBe(0);
  await other.context().close();
  await page.reload(); // sends the form again
  expect(await shown(page)).toBe(secret);
  await page.context().close();
});

test('the sheet for paper holds the user name and the secret, and none of the buttons', async () => {
  const { headers, page: address, login } = await somebody();
  const page = await openAs(headers);
  await page.goto(address);
  await show(page);
  await page.emulateMedia({ media: 'print' });
  expect([await page.locator('#secret').isVisible(), await page.getByText(login, { exact: true }).isVisible()]).toEqual([true, true]);
  expect([await page.getByRole('button').count(), await page.getByText('We never ask you').isVisible()]).toEqual([0, false]);
  await page.context().close();
});

test('the button to sign in asks the passkey and sends an assertion that verifies; then the page is read again', async () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const here = url.replace('127.0.0.1', 'localhost'); // an address is no relying party
  const page = await openAs({});
  const { id: authenticatorId } = await addPasskeys(page);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const credentialId = randomBytes(16);
  await cdp.send('WebAuthn.addCredential', {
    authenticatorId,
    credential: {
      credentialId: credentialId.toString('base64'),
      isResidentCredential: true,
      rpId: 'localhost',
      privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
      userHandle: randomBytes(8).toString('base64'),
      signCount: 0,
    },
  });
  const challenge = randomBytes(32).toString('base64url');
  let answered: AuthenticationResponseJSON | undefined;
  await page.route('**/v1/sign-in/passkey/options', (route) =>
    route.fulfill({ json: { challenge, rpId: 'localhost', userVerification: 'required', allowCredentials: [] } }),
  );
  await page.route('**/v1/sign-in/passkey', async (route) => {
    answered = route.request().postDataJSON() as AuthenticationResponseJSON; // verified below
    await page.context().setExtraHTTPHeaders({ person: 'nobody-in-particular' });
    await route.fulfill({ json: {} });
  });
  await page.goto(`${here}/my`);
  await page.getByRole('button', { name: 'Sign in with your passkey' }).click();
  await page.getByText('Nothing waits for you').waitFor();
  await page.context().close();
  if (answered === undefined) throw new Error('no assertion was sent');
  const { x = '', y = '' } = pair.publicKey.export({ format: 'jwk' });
  const cose = Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ]);
  const { verified } = await verifyAuthenticationResponse({
    response: answered,
    expectedChallenge: challenge,
    expectedOrigin: here,
    expectedRPID: 'localhost',
    requireUserVerification: true,
    credential: { id: credentialId.toString('base64url'), publicKey: new Uint8Array(cose), counter: 0 },
  });
  expect(verified).toBe(true);
});
