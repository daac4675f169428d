// A person at a browser of their own, with a passkey of their own, doing what the console offers: found by what is written on it, as people find it.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { addPasskeys, openPage, watchFaults } from './browser.ts';

export type Person = { readonly name: string; readonly page: Page; readonly context: BrowserContext; readonly faults: readonly string[] };

/** Steps wait for a server that shares two cores with everything else. */
const patience = 60_000;

async function arrive(browser: Browser, name: string): Promise<Person> {
  const page = await openPage(browser, { acceptDownloads: true });
  const context = page.context();
  context.setDefaultTimeout(patience);
  const faults = watchFaults(context);
  await addPasskeys(page);
  return { name, page, context, faults };
}

export async function firstAdministrator(browser: Browser, url: string, code: string, name: string): Promise<Person> {
  const person = await arrive(browser, name);
  const { page } = person;
  await page.goto(url);
  await page.getByLabel(/One-time code/).fill(code);
  await page.getByLabel(/^Name/).fill(name);
  await page.getByLabel(/E-mail/).fill(`${name}@example.test`);
  await page.getByRole('button', { name: 'Make a passkey and go in' }).click();
  await page.getByRole('navigation').waitFor();
  return person;
}

/** `address` is what the invitation showed once. */
export async function joins(browser: Browser, name: string, address: string): Promise<Person> {
  const person = await arrive(browser, name);
  const { page } = person;
  await page.goto(address);
  await page.getByRole('button', { name: 'Make a passkey and go in' }).click();
  await page.getByRole('navigation').waitFor();
  return person;
}

/** The address that lets `name` in; it is gone from the page afterwards. */
export async function invite({ page }: Person, url: string, name: string, roles: readonly string[]): Promise<string> {
  await page.goto(`${url}/settings?tab=members`);
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Name/).fill(name);
  await dialog.getByLabel(/E-mail/).fill(`${name}@example.test`);
  for (const role of roles) await dialog.getByRole('checkbox', { name: role, exact: true }).check();
  await dialog.getByRole('button', { name: 'Make the invitation' }).click();
  const address = (await dialog.locator('[data-once]').textContent()) ?? '';
  await dialog.getByRole('button', { name: 'I have it, hide it' }).click();
  await dialog.waitFor({ state: 'detached' });
  return address;
}

export async function giveRole({ page }: Person, url: string, name: string, role: string): Promise<void> {
  await page.goto(`${url}/settings?tab=members`);
  await page.getByRole('button', { name: `Change ${name}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: role, exact: true }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('row', { name: new RegExp(`^${name}\\b.*${role}`) }).waitFor();
}

export async function discover({ page }: Person, url: string): Promise<void> {
  await page.goto(`${url}/accounts`);
  await page.getByRole('button', { name: 'Discover', exact: true }).first().click();
  const dialog = page.getByRole('dialog');
  const button = dialog.getByRole('button', { name: /^Discover .* now$/ });
  await button.click();
  await dialog.getByText(/accounts? found\.$/).waitFor();
  await page.keyboard.press('Escape');
}

/** The id of the plan. */
export async function makePlan({ page }: Person, url: string, plan: { where: string; reason: string; name: string }): Promise<string> {
  await page.goto(`${url}/plans/new`);
  await page.getByLabel(/Which credentials/).fill(plan.where);
  await page.getByLabel(/^Reason/).fill(plan.reason);
  await page.getByLabel(/^Name/).fill(plan.name);
  await page.getByRole('button', { name: 'Make the plan' }).click();
  await page.waitForURL(/\/plans\/P-/);
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}

/** Reads what is signed, then shows the passkey. The text that was on the page. */
export async function approve({ page }: Person, url: string, plan: string): Promise<string> {
  await page.goto(`${url}/approvals`);
  await page.getByRole('region', { name: 'Waits for you' }).getByRole('link', { name: plan }).click();
  const signed = (await page.getByLabel('The text that is signed').textContent()) ?? '';
  await page.getByRole('button', { name: 'Approve with my passkey' }).click();
  await page.getByText('Your approval is on record.').waitFor();
  return signed;
}

/** Starts the plan; the run's id. `phrase` where the console asks for name and number. */
export async function apply({ page }: Person, url: string, plan: string, phrase?: string): Promise<string> {
  await page.goto(`${url}/plans/${plan}`);
  await page.getByRole('button', { name: /^Apply: reset/ }).click();
  const dialog = page.getByRole('dialog');
  if (phrase !== undefined) await dialog.getByLabel(`Type ${phrase}`).fill(phrase);
  await dialog.getByRole('button', { name: /^Reset/ }).click();
  await page.waitForURL(/\/runs\/R-/);
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}

export async function pause({ page }: Person, reason: string): Promise<void> {
  await page.getByRole('banner').getByRole('button', { name: 'Pause' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/Reason/).fill(reason);
  await dialog.getByRole('button', { name: 'Pause the run' }).click();
  await page.getByRole('banner').getByText('paused').first().waitFor();
}

export async function resume({ page }: Person): Promise<void> {
  await page.getByRole('banner').getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume the run' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}
