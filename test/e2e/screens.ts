// What holds for every screen: no finding at WCAG 2.2 AA in either theme, all of it by keyboard, no sideways scrolling at 320 px or 400 %, and pictures to look at.
import { mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { desktop, openPage, patience, phone } from './browser.ts';

const pictures = new URL('../../.cache/screens/', import.meta.url).pathname;
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** 1280 px zoomed to 400 % is a window of 320 by 256. */
const zoomed = { width: 320, height: 256 } as const;

/** As patient as the browser is: the two cores of a small machine also run the server. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: patience });

export type Looked = {
  /** Names the pictures. */
  readonly name: string;
  readonly url: string;
  /** What is prepared before the page is opened. */
  readonly before?: (page: Page) => Promise<unknown>;
  /** What is done on the page each time it was opened; not again when its window changes. */
  readonly act?: (page: Page) => Promise<unknown>;
  /** Awaits what the screen shows once it is ready. */
  readonly ready: (page: Page) => Promise<unknown>;
};

/** A page is loaded once for each theme; its window then takes each size in turn, as one does that is dragged, turned or zoomed. */
export async function lookAt(browser: Browser, screen: Looked): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await openPage(browser, { viewport: desktop, colorScheme });
    await screen.before?.(page);
    await page.goto(screen.url);
    await screen.act?.(page);
    for (const [size, viewport] of Object.entries({ desktop, phone })) {
      await resize(page, viewport);
      await screen.ready(page);
      await page.screenshot({ path: `${pictures}${screen.name}-${size}-${colorScheme}.png` });
      // What stands below the fold is looked at too, once: its colours are those above it.
      if (colorScheme === 'light') await page.screenshot({ path: `${pictures}${screen.name}-${size}-whole.png`, fullPage: true });
      expect(await findings(page), `${screen.name}, ${size}, ${colorScheme}`).toEqual([]);
    }
    if (colorScheme === 'light') await assertFits(page, screen);
    await page.context().close();
  }
}

async function assertFits(page: Page, screen: Looked): Promise<void> {
  for (const viewport of [{ width: 320, height: 640 }, zoomed]) {
    await resize(page, viewport);
    await screen.ready(page);
    const { wide, room, widest } = await sideways(page);
    expect(wide, `${screen.name} at ${viewport.width}×${viewport.height} scrolls sideways: ${widest}`).toBeLessThanOrEqual(room);
    if (viewport === zoomed) await page.screenshot({ path: `${pictures}${screen.name}-zoom400.png` });
  }
}

/** Two frames later the page has heard of its new size and drawn itself anew. */
async function resize(page: Page, viewport: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(viewport);
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
}

/** A button on its way from one colour to another has a contrast that nobody is asked to read. What turns for ever is left out. */
const settledScript = `Promise.allSettled(
  document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime !== Infinity).map((each) => each.finished),
).then(() => undefined)`;

/** Each violation with its first place, so that a failing test says what to mend. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(settledScript);
  const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze();
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.length}): ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.failureSummary ?? ''}`,
  );
}

// Scripts of the page stand as text: the types of a browser have no place among the server's.
const sidewaysScript = `(() => {
  const room = document.documentElement.clientWidth;
  const over = [...document.body.querySelectorAll('*')].find((element) => element.getBoundingClientRect().right > room + 1);
  return { wide: document.documentElement.scrollWidth, room, widest: over?.outerHTML.slice(0, 160) ?? '' };
})()`;

function sideways(page: Page): Promise<{ wide: number; room: number; widest: string }> {
  return page.evaluate(sidewaysScript);
}

const focusScript = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return undefined;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
  const said = element.getAttribute('aria-label') ?? element.textContent ?? '';
  return { said: said.trim(), shown: (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none' };
})()`;

/** Walks by Tab alone from the top of the page until `name` has the focus; every stop must show where it is. */
export async function tabTo(page: Page, name: RegExp, most = 80): Promise<void> {
  const seen: string[] = [];
  for (let stop = 0; stop < most; stop++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate<{ said: string; shown: boolean } | undefined>(focusScript);
    if (at === undefined) continue;
    expect(at.shown, `the focus on "${at.said}" cannot be seen`).toBe(true);
    seen.push(at.said.slice(0, 40));
    if (name.test(at.said)) return;
  }
  throw new Error(`no Tab stop is called ${name}; there are: ${seen.join(' | ')}`);
}
