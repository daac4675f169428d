// What an answer means, by rules over its status and one place of its JSON. Two rules that disagree say nothing.
import { z } from 'zod';
import { decide } from '../../protocols/http/decide.ts';
import { at, pointer } from './pointer.ts';

const status = z.number().int().min(200).max(599);
const fields = {
  status: z
    .union([status, z.array(status).min(1)])
    .optional()
    .describe('One status or several. Left out: any below 500 that is no redirect.'),
  pointer: pointer.optional(),
  equals: z
    .union([z.string(), z.number(), z.boolean(), z.null()])
    .optional()
    .describe('What must stand at the pointer. Left out: anything, as long as it is there.'),
};
const meaningful = (rule: { status?: unknown; pointer?: unknown; equals?: unknown }): boolean =>
  (rule.status !== undefined || rule.pointer !== undefined) && (rule.equals === undefined || rule.pointer !== undefined);
const hint = { error: 'a rule needs a status or a pointer, and equals needs a pointer' };

const rule = z.union([status, z.strictObject(fields).refine(meaningful, hint)]);
export const rules = z.array(rule).min(1);
export type Rule = z.output<typeof rule>;

/** Words of the contract; `throttled` has a list of its own. */
export const faultWords = ['auth', 'permission', 'not-found', 'policy', 'conflict', 'unsupported'] as const;
export const refusals = z.array(z.strictObject({ ...fields, as: z.enum(faultWords) }).refine(meaningful, hint)).min(1);

/** `link`: the Link header, which paging may need. */
export type Seen = { readonly status: number; readonly json: unknown; readonly link: string | undefined };
export type Meaning<T> = { readonly rule: Rule; readonly means: T };

export const meaning = <const T>(list: readonly Rule[], means: T): Meaning<T>[] => list.map((each) => ({ rule: each, means }));

/** A rule that looks into the answer counts before one that knows its status only. Undefined = no rule, or rules that disagree. */
export function classify<T>(all: readonly Meaning<T>[], seen: Pick<Seen, 'status' | 'json'>): T | undefined {
  return decide(
    all
      .filter(({ rule: each }) => matches(each, seen))
      .map(({ rule: each, means }) => ({ means, closeness: typeof each === 'number' || each.pointer === undefined ? 0 : 1 })),
  );
}

/** Some rule matches, whatever comes of it. */
export const speaksOf = (all: readonly Meaning<unknown>[], seen: Pick<Seen, 'status' | 'json'>): boolean =>
  all.some(({ rule: each }) => matches(each, seen));

function matches(each: Rule, { status: got, json }: Pick<Seen, 'status' | 'json'>): boolean {
  if (typeof each === 'number') return each === got;
  if (each.status === undefined) {
    // A gateway's error page or a redirect may hold anything.
    if (got >= 300 && (got < 400 || got >= 500)) return false;
  } else if (!(typeof each.status === 'number' ? [each.status] : each.status).includes(got)) return false;
  if (each.pointer === undefined) return true;
  const found = at(json, each.pointer);
  return each.equals === undefined ? found !== undefined && found !== null : found === each.equals;
}
