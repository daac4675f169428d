// The whole path at the console, by people with passkeys: an empty folder, an administrator, a plan, a second person's approval, a run, and evidence that verifies without the server.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installProduct, type Product } from '../lab/estate/product.ts';
import { openBrowser } from './browser.ts';
import { checkFromDisk, checkHere, download, logKey, prove, waitForRun } from './evidence-steps.ts';
import { apply, approve, discover, firstAdministrator, giveRole, invite, joins, makePlan, type Person, pause, resume } from './person.ts';
import { freePort, type Serving, serve } from './serving.ts';
import { addSmallStory } from './small-story.ts';

const dir = mkdtempSync(join(tmpdir(), 'rekey-main-path-'));
const home = join(dir, 'estate');
const log = join(dir, 'serve.log');
let browser: Browser;
let product: Product;
let port: number;
let server: Serving;
let ada: Person;
let ben: Person;
let plan: string;
let run: string;

beforeAll(async () => {
  mkdirSync(home);
  product = installProduct(join(dir, 'product'), {}, 900_000);
  [browser, port] = await Promise.all([openBrowser(), freePort()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

test('an empty folder becomes an estate, and whoever holds the printed code its administrator, by passkey', async () => {
  server = await serve(product, home, port, log);
  expect(server.code).toMatch(/\S{10,}/);
  ada = await firstAdministrator(browser, server.url, server.code ?? '', 'ada');
  // The code was good once, and stands in no address.
  expect(ada.page.url()).not.toContain(server.code ?? 'nothing');
  // Counted once the screen has said all it says: before that, no link would be no finding.
  await ada.page.getByText('Your roles do not open Plans.').waitFor();
  expect(await ada.page.getByRole('link', { name: 'Plans' }).count()).toBe(0);
}, 420_000);

test('an administrator holds no right over credentials until she gives it to herself, on record', async () => {
  const { page } = ada;
  await giveRole(ada, server.url, 'ada', 'operator');
  await page.getByRole('navigation').getByRole('link', { name: 'Plans' }).waitFor();
  await page.goto(`${server.url}/settings?tab=audit`);
  await page.getByRole('row', { name: /member changed ada/ }).waitFor();
});

test('a second person is invited and comes in with a passkey of their own', async () => {
  const address = await invite(ada, server.url, 'ben', ['approver']);
  expect(new URL(address).origin).toBe(server.url);
  ben = await joins(browser, 'ben', address);
  await ben.page.getByRole('navigation').getByRole('link', { name: 'Approvals' }).waitFor();
});

test('the estate gets its systems, the server starts again, and nobody has to sign in anew', async () => {
  await server.stop();
  addSmallStory(home);
  server = await serve(product, home, port, log);
  expect(server.code).toBeNull();
  await discover(ada, server.url);
}, 420_000);

test('who made a plan cannot approve it; the second person sees exactly what is signed and approves', async () => {
  plan = await makePlan(ada, server.url, { where: 'all', reason: 'leaked directory export', name: 'eviction' });
  await ada.page.goto(`${server.url}/approvals/${plan}`);
  await ada.page.getByText('nobody approves their own').waitFor();
  expect(await ada.page.getByRole('button', { name: 'Approve with my passkey' }).count()).toBe(0);
  const signed = await approve(ben, server.url, plan);
  expect(signed).toMatch(new RegExp(`^rekey approval v1\nestate \\S+\nid ${plan}\nhash sha256:[0-9a-f]{64}\n$`));
});

test('the run starts, is paused by anybody who may, resumed, and ends', async () => {
  run = await apply(ada, server.url, plan);
  await pause(ben, 'the crew is at sea');
  await ada.page.goto(`${server.url}/`);
  await ada.page.getByText('the crew is at sea').first().waitFor();
  await resume(ada);
  await waitForRun(ada.page, server.url, run, /complete|residual/, 180_000);
}, 300_000);

test('the evidence is proved, downloaded, and verifies in the browser and by command; one changed byte is named', async () => {
  const { page } = ada;
  await prove(page);
  expect(await checkHere(page)).toBe('holds');
  await page.getByRole('row', { name: /ben a passkey/ }).waitFor();
  const archive = join(dir, 'bundle.tar');
  await download(page, archive);
  const key = await logKey(page, server.url);
  expect(await checkFromDisk(page, server.url, archive, key)).toContain(`This bundle of ${run} holds`);
  const verified = await product.json<{ ok: boolean; approvals: string[] }>(dir, 0, 'evidence', 'verify', archive, '--key', key);
  expect(verified).toMatchObject({ ok: true, approvals: [expect.stringContaining('ben')] });
  const altered = join(dir, 'altered.tar');
  copyFileSync(archive, altered);
  const bytes = readFileSync(altered);
  const at = bytes.indexOf('"state":"complete"');
  expect(at).toBeGreaterThan(0);
  bytes[at + 10] = (bytes[at + 10] ?? 0) ^ 1;
  writeFileSync(altered, bytes);
  const said = await checkFromDisk(page, server.url, altered, key);
  expect(said).toContain('does not hold');
  expect(said).toMatch(/items\.ndjson|entries\.ndjson/);
}, 300_000);

test('no page broke on the way', () => {
  expect([...ada.faults, ...ben.faults]).toEqual([]);
});
