// No secret of a served run is anywhere a browser, a log, an event, a page, a figure or a mail can hold it; secrets planted in each of these places are found.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withStore } from '../lab/estate/escrow-dump.ts';
import { installProduct, type Product } from '../lab/estate/product.ts';
import { searchFor } from '../lab/estate/secret-search.ts';
import { openBrowser } from './browser.ts';
import { download, prove, unpack, waitForRun } from './evidence-steps.ts';
import { type Heard, hearInto, plant } from './heard.ts';
import { type LetterBox, openLetterBox } from './letter-box.ts';
import { apply, approve, discover, firstAdministrator, giveRole, invite, joins, makePlan, type Person } from './person.ts';
import { freePort, type Serving, serve } from './serving.ts';
import { addSmallStory, firstSecrets } from './small-story.ts';

const dir = mkdtempSync(join(tmpdir(), 'rekey-secrets-'));
const home = join(dir, 'estate');
const log = join(dir, 'serve.log');
const left = join(dir, 'left');
let browser: Browser;
let product: Product;
let server: Serving;
let ada: Person;
let ben: Person;
const heard: Heard = hearInto(left);
let letters: LetterBox;
/** Codes, tokens and session cookies: they open doors, so they may stand in one answer each and nowhere else. */
const doorKeys = new Map<string, string>();
const roomSecret = `whsec_${randomBytes(32).toString('base64')}`;
doorKeys.set(roomSecret, 'what webhooks are signed with');
let run: string;
let token = '';

beforeAll(async () => {
  mkdirSync(home);
  mkdirSync(left);
  product = installProduct(join(dir, 'product'), { ROOM_SECRET: roomSecret }, 900_000);
  browser = await openBrowser();
  expect((await product.run(home, 'init', '--name', 'acme')).exit).toBe(0);
  letters = await openLetterBox(left);
  addSmallStory(home, {
    notify: {
      from: 'Rekey <rekey@example.test>',
      digestMinutes: 0,
      smtp: { host: '127.0.0.1', port: letters.smtp, tls: 'none' },
      webhooks: [{ id: 'room', url: letters.hook, private: true, secret: { env: 'ROOM_SECRET' } }],
      people: ['ada', 'ben'].map((name) => ({ name, mail: `${name}@example.test` })),
    },
  });
  server = await serve(product, home, await freePort(), log);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await letters?.close();
  rmSync(dir, { recursive: true, force: true });
});

test('a run is walked from the first sign-in to the evidence, every screen opened, events and figures listened to', async () => {
  ada = await firstAdministrator(browser, server.url, server.code ?? '', 'ada');
  doorKeys.set(server.code ?? '', 'the first administrator’s code');
  await giveRole(ada, server.url, 'ada', 'operator');
  const address = await invite(ada, server.url, 'ben', ['approver', 'auditor']);
  doorKeys.set(new URL(address).searchParams.get('code') ?? new URL(address).hash.slice(1), 'an invitation');
  ben = await joins(browser, 'ben', address);
  token = await newToken(ada.page);
  doorKeys.set(token, 'an API token');
  await discover(ada, server.url);
  const leaked = firstSecrets().map(({ system, account, secret }) => `${system},${account},${secret}`);
  writeFileSync(join(home, 'exposed.csv'), `system,account,secret\n${leaked.join('\n')}\n`, { mode: 0o600 });
  await product.json(home, 0, 'import', 'exposed', 'exposed.csv');
  const plan = await makePlan(ada, server.url, { where: 'all', reason: 'leaked directory export', name: 'eviction' });
  await approve(ben, server.url, plan);
  await heard.events(ada.context, `${server.url}/v1/events`, 'events');
  run = await apply(ada, server.url, plan);
  await heard.events(ada.context, `${server.url}/v1/runs/${run}/events`, 'run-events');
  await waitForRun(ada.page, server.url, run, /complete|residual|incomplete/, 180_000);
  await prove(ada.page);
  await download(ada.page, join(dir, 'bundle.tar'));
  unpack(join(dir, 'bundle.tar'), join(left, 'bundle'));
  const paths = ['/', '/plans', `/plans/${plan}`, '/runs', `/runs/${run}`, '/accounts', '/systems', '/systems/cargo-erp', '/approvals'];
  const more = ['/approvals?state=used', '/evidence', `/evidence/${run}`, '/wallboard'];
  const tabs = ['members', 'passkeys', 'sessions', 'tokens', 'audit', 'estate', 'server'].map((tab) => `/settings?tab=${tab}`);
  for (const path of [...paths, ...more, ...tabs]) await heard.page(ada.page, server.url, path);
  await heard.page(ben.page, server.url, `/approvals/${plan}`);
  for (const person of [ada, ben]) await heard.storage(person.context, person.name);
  await heard.figures(`${server.url}/metrics`, token);
}, 420_000);

test('no secret is in anything that was heard, and each place is searched: one planted there is found', async () => {
  await heard.stop();
  await server.stop();
  const held = await withStore(home, async (_store, escrowed) => escrowed());
  const all = new Map(held.map((each) => [each.secret, `${each.origin} ${each.version} of ${each.system}/${each.account}`]));
  for (const { system, account, secret } of firstSecrets()) all.set(secret, `first of ${system}/${account}`);
  expect(held.filter(({ origin }) => origin === 'generated').length).toBeGreaterThan(80);
  for (const [secret, whose] of doorKeys) all.set(secret, whose);
  // The code of the first administrator is printed by the server: that is where it is told.
  all.delete(server.code ?? '');
  const find = searchFor(join(dir, 'patterns'), all);
  const said = product.transcript.map(({ argv, out, err }) => `${argv.join(' ')}\n${out}\n${err}`).join('\n');
  writeFileSync(join(left, 'commands.txt'), said);
  const places = [left, log, join(home, '.rekey')];
  expect(heard.names()).toEqual(
    expect.arrayContaining(['events.txt', 'run-events.txt', 'metrics.txt', 'storage-ada.json', 'storage-ben.json']),
  );
  expect(find(places)).toEqual([]);
  const [planted = ''] = held.filter(({ origin }) => origin === 'generated').map(({ secret }) => secret);
  for (const name of heard.names()) {
    const file = join(left, name);
    const takeOut = plant(file, planted);
    expect(find([file]), `a secret planted in ${name}`).not.toEqual([]);
    takeOut();
  }
  expect(find(places)).toEqual([]);
}, 240_000);

async function newToken(page: Page): Promise<string> {
  await page.goto(`${server.url}/settings?tab=tokens`);
  await page.getByRole('button', { name: 'New token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Name/).fill('figures');
  // By keyboard: the field itself shows nothing to click on while no permission is chosen.
  const may = dialog.getByRole('combobox', { name: /^May/ });
  await may.press('ArrowDown');
  await page.getByRole('option', { name: 'run.read' }).click();
  await may.press('Escape');
  await dialog.getByRole('button', { name: 'Make the token' }).click();
  const made = (await dialog.locator('[data-once]').textContent()) ?? '';
  await dialog.getByRole('button', { name: 'I have it, hide it' }).click();
  return made;
}
