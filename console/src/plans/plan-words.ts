// The words and signs of a plan: what it does to a credential, how it stands, what must be typed before it runs.
import type { Schemas } from '../api/client.ts';
import type { Tone } from '../words/tone.ts';

export type Plan = Schemas['Plan'];
export type Action = Schemas['PlanItem']['action'];

/** The signs of the command line: what stands there stands here. */
export const actions: Readonly<Record<Action, { readonly sign: string; readonly word: string; readonly tone: Tone }>> = {
  rotate: { sign: '~', word: 'rotate', tone: 'plain' },
  contain: { sign: '-', word: 'block', tone: 'warn' },
  'by-hand': { sign: '☐', word: 'by hand', tone: 'warn' },
  blocked: { sign: '!', word: 'blocked', tone: 'bad' },
  skip: { sign: '=', word: 'skip', tone: 'calm' },
};

export type Standing = { readonly kind: 'expired' | 'waits' | 'ready' | 'nothing'; readonly word: string; readonly tone: Tone };

export function standingOf(plan: Plan, now: number): Standing {
  const { needed, given } = plan.approvals;
  if (changesOf(plan) === 0) return { kind: 'nothing', word: '= changes nothing', tone: 'calm' };
  if (Date.parse(plan.expiresAt) <= now) return { kind: 'expired', word: '✗ expired', tone: 'bad' };
  if (given.length < needed) return { kind: 'waits', word: `· ${given.length} of ${needed} approvals`, tone: 'warn' };
  return { kind: 'ready', word: '✓ approved', tone: 'good' };
}

export const changesOf = ({ totals }: Plan): number => totals.rotate + totals.contain + totals.byHand;

/** Above this many resets, or with tier 0, a yes is too easy: name and number are typed. The API asks for the same. */
const largestUnnamed = 1000;
export function phraseOf({ name, totals }: Plan): string | undefined {
  return totals.tier0 > 0 || totals.rotate > largestUnnamed ? `${name} ${totals.rotate}` : undefined;
}

/** The command that makes the plan again. */
export function planAgain({ where, reason, mode, incident }: Plan): string[] {
  return ['rekey', 'plan', '--where', where, '--reason', reason, '--mode', mode, ...(incident === null ? [] : ['--incident', incident])];
}
