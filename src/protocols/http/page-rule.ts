// What a page of a login means, by rules over its status, where it redirects to, a header and its text.
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { decide } from './decide.ts';

const status = z.number().int().min(200).max(599);
const rule = z.union([
  status,
  z
    .strictObject({
      status: z.union([status, z.array(status).min(1)]).optional(),
      location: z
        .string()
        .min(1)
        .optional()
        .describe('Where it redirects to: a path (with its query, where that decides) or a whole address.'),
      header: z.record(z.string(), z.string()).optional().describe('Headers and a text each must contain.'),
      text: z.string().min(1).optional().describe('A text the page must contain.'),
    })
    .refine((value) => Object.keys(value).length > 0, { error: 'a rule needs status, location, header or text' }),
]);
export const pageRules = z.array(rule).min(1);
export type PageRule = z.output<typeof rule>;

export type Page = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string; readonly url: URL };
export type Meaning<T> = { readonly rules: readonly PageRule[]; readonly means: T };

export function pageMeans<T>(meanings: readonly Meaning<T>[], page: Page): T | undefined {
  return decide(
    meanings.flatMap(({ rules, means }) =>
      rules
        .filter((each) => matches(each, page))
        .map((each) => ({ means, closeness: typeof each === 'number' ? 1 : Object.keys(each).length })),
    ),
  );
}

function matches(each: PageRule, page: Page): boolean {
  if (typeof each === 'number') return each === page.status;
  const { status: wanted, location, header, text } = each;
  if (wanted !== undefined && !(typeof wanted === 'number' ? [wanted] : wanted).includes(page.status)) return false;
  if (location !== undefined && !leadsTo(page, location)) return false;
  if (text !== undefined && !page.text.includes(text)) return false;
  return Object.entries(header ?? {}).every(([name, part]) => String(page.headers[name.toLowerCase()] ?? '').includes(part));
}

export function redirectOf({ status: got, headers, url }: Page): URL | undefined {
  if (got < 300 || got > 399 || headers.location === undefined || !URL.canParse(headers.location, url.href)) return undefined;
  return new URL(headers.location, url);
}

/** Paths are compared whole: "/" is not the beginning of everything. A query counts only where the rule has one. */
function leadsTo(page: Page, location: string): boolean {
  const to = redirectOf(page);
  if (to === undefined || !URL.canParse(location, page.url.href)) return false;
  const wanted = new URL(location, page.url);
  return to.origin === wanted.origin && to.pathname === wanted.pathname && (wanted.search === '' || wanted.search === to.search);
}
