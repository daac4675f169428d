// What a file of console tests stands on: one served estate and one browser for all of it, and a page at a time that must end without a fault.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { openBrowser, openPage, watchFaults } from './browser.ts';
import { type Served, serveStory } from './server.ts';

export type Ground = Omit<Served, 'plans' | 'run'>;
export type Stage<S> = {
  readonly served: S;
  readonly browser: Browser;
  /** A page of its own, watched from its first byte, once its first heading (or the one called so) is there. */
  visit(path: string, heading?: string | RegExp): Promise<Page>;
  /** Ends the page of the last visit; nothing on it may have gone wrong. */
  leave(): Promise<void>;
};

/** `prepare` is done before the first test, with the time that an estate takes. */
export function onStage(kind: 'running', prepare?: (served: Served) => Promise<unknown>): Stage<Served>;
export function onStage(kind: 'empty', prepare?: (served: Ground) => Promise<unknown>): Stage<Ground>;
export function onStage(kind: 'running' | 'empty', prepare: (served: never) => Promise<unknown> = async () => undefined): Stage<Ground> {
  let served: Ground;
  let browser: Browser;
  let page: Page;
  let faults: string[];
  beforeAll(async () => {
    [served, browser] = await Promise.all([kind === 'running' ? serveStory(kind) : serveStory(kind), openBrowser()]);
    await prepare(served as never); // the overloads say which kind it takes
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });
  return {
    get served() {
      return served;
    },
    get browser() {
      return browser;
    },
    visit: async (path, heading) => {
      page = await openPage(browser);
      faults = watchFaults(page.context());
      await page.goto(`${served.url}${path}`);
      await page
        .getByRole('heading', { level: 1, ...(heading === undefined ? {} : { name: heading }) })
        .first()
        .waitFor();
      return page;
    },
    leave: async () => {
      expect(faults).toEqual([]);
      await page.context().close();
    },
  };
}
