// Everything a served run says to the outside, kept as files: events, pages, browser storage, figures, mails and webhooks.
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';

export type Heard = {
  /** Goes on until `stop`, in the name of whoever is signed in there. */
  events(context: BrowserContext, url: string, name: string): Promise<void>;
  page(page: Page, site: string, path: string): Promise<void>;
  storage(context: BrowserContext, name: string): Promise<void>;
  figures(url: string, token: string): Promise<void>;
  names(): readonly string[];
  stop(): Promise<void>;
};

/** Above this many characters a page is surely more than its frame. */
const someText = 500;
const patience = 30_000;

export function hearInto(folder: string): Heard {
  const stopping = new AbortController();
  const lines: Promise<void>[] = [];
  const keep = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  return {
    async events(context, url, name) {
      const cookies = await context.cookies(url);
      const cookie = cookies.map((each) => `${each.name}=${each.value}`).join('; ');
      const answer = await fetch(url, { headers: { cookie, accept: 'text/event-stream' }, signal: stopping.signal });
      if (!answer.ok || answer.body === null) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
      keep(`${name}.txt`, '');
      const read = async (body: AsyncIterable<Uint8Array>): Promise<void> => {
        for await (const part of body) appendFileSync(join(folder, `${name}.txt`), part);
      };
      lines.push(read(answer.body).catch(() => undefined)); // it ends when it is stopped, or with the server
    },
    async page(page, site, path) {
      await page.goto(`${site}${path}`);
      await page.locator('h1').first().waitFor();
      await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached', timeout: patience });
      const html = await page.content();
      if (html.length < someText) throw new Error(`${path} shows nothing`);
      keep(`page-${path.replaceAll(/[^A-Za-z0-9]+/g, '-')}.html`, html);
    },
    async storage(context, name) {
      const { cookies, origins } = await context.storageState({ indexedDB: true });
      const [page] = context.pages();
      const session = await page?.evaluate<string>('JSON.stringify({ ...sessionStorage })');
      // The session's own cookie opens the door and must be kept; any other may hold nothing.
      const others = cookies.filter((cookie) => !(cookie.httpOnly && cookie.name.startsWith('__Host-')));
      keep(`storage-${name}.json`, JSON.stringify({ cookies: others, origins, session }));
    },
    async figures(url, token) {
      const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(patience) });
      if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
      keep('metrics.txt', await answer.text());
    },
    names: () => readdirSync(folder).filter((name) => /\.(txt|html|json)$/.test(name)),
    stop: async () => {
      stopping.abort();
      await Promise.all(lines);
    },
  };
}

/** Puts a secret at the end of a file and gives back the way to take it out again. */
export function plant(file: string, secret: string): () => void {
  const before = readFileSync(file);
  appendFileSync(file, JSON.stringify({ planted: secret }));
  return () => writeFileSync(file, before);
}
