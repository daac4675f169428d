// What an auditor does at the console: have a run proved, take its bundle along, and check it, in the browser and without it.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';

const patience = 120_000;

/** Opens the run's evidence once the run reads `state`. */
export async function waitForRun(page: Page, url: string, run: string, state: RegExp, longestMs: number): Promise<void> {
  await page.goto(`${url}/evidence/${run}`);
  await page.locator('dd').filter({ hasText: state }).first().waitFor({ timeout: longestMs });
}

export async function prove(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Prove again and write the bundle' }).click();
  await page.getByText(/Proved and verified/).waitFor({ timeout: patience });
}

/** What the page says of the server's own bundle. */
export async function checkHere(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Check it in this browser' }).click();
  const result = page.locator('[data-verified]');
  await result.waitFor({ timeout: patience });
  return (await result.getAttribute('data-verified')) === 'true' ? 'holds' : ((await result.textContent()) ?? '');
}

export async function download(page: Page, file: string): Promise<void> {
  const [taken] = await Promise.all([
    page.waitForEvent('download', { timeout: patience }),
    page.getByRole('link', { name: 'Download the bundle' }).click(),
  ]);
  await taken.saveAs(file);
}

export function unpack(archive: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xf', archive, '-C', folder]);
}

/** What the page says of a bundle from disk; `key` is the one known from elsewhere. */
export async function checkFromDisk(page: Page, url: string, archive: string, key = ''): Promise<string> {
  await page.goto(`${url}/evidence`);
  await page.getByLabel(/Key you know from elsewhere/).fill(key);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose a .tar' }).click()]);
  await chooser.setFiles(archive);
  const result = page.locator('[data-verified]');
  await result.waitFor({ timeout: patience });
  return (await result.textContent()) ?? '';
}

/** The key that signs the evidence, as the settings show it. */
export async function logKey(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/settings?tab=server`);
  return (await page.locator('dd code').filter({ hasText: '+' }).textContent()) ?? '';
}
