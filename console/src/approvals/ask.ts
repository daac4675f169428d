// Something that people approve, as the API tells of it, and the words for it.
import type { Schemas } from '../api/client.ts';
import { number } from '../words/times.ts';
import type { Tone } from '../words/tone.ts';

export type Ask = Schemas['ApprovalRequest'];
export type AskState = Ask['state'];

export const approvalStates = ['waiting', 'approved', 'refused', 'expired', 'used'] as const satisfies readonly AskState[];
export const isAskState = (value: unknown): value is AskState => approvalStates.some((state) => state === value);

export const toneOf: Readonly<Record<AskState, { readonly glyph: string; readonly tone: Tone }>> = {
  waiting: { glyph: '◔', tone: 'warn' },
  approved: { glyph: '✓', tone: 'good' },
  refused: { glyph: '✗', tone: 'bad' },
  expired: { glyph: '■', tone: 'calm' },
  used: { glyph: '✓', tone: 'calm' },
};

export const kindOf = ({ kind }: Ask): string => (kind === 'plan' ? 'Plan' : 'Hand-over');

export function sizeOf({ credentials, tier0 }: Ask): string {
  const many = credentials === null ? 'credentials not counted' : credentials === 1 ? '1 credential' : `${number(credentials)} credentials`;
  return tier0 ? `${many}, tier 0 among them` : many;
}

/** Why the caller's approval would not count, in one sentence; undefined where it would. */
export function whyNot(ask: Ask, me: string | undefined): string | undefined {
  if (ask.canGive) return undefined;
  switch (ask.state) {
    case 'approved':
      return 'It has all the approvals it needs.';
    case 'used':
      return ask.kind === 'plan' ? 'It was applied already.' : 'It was handed over already.';
    case 'expired':
      return ask.kind === 'plan' ? 'It has expired. A new plan must be made.' : 'It has expired. It must be asked for again.';
    case 'refused':
      return 'It was refused. Nothing starts while a refusal stands.';
    case 'waiting':
      break;
  }
  if (me !== undefined && ask.given.some(({ name }) => name === me)) return 'You have approved it already. Somebody else is needed.';
  if (ask.mine) return 'You asked for it, and nobody approves their own.';
  const others = ask.may.length === 0 ? 'Nobody left may approve it: add approvers.' : `These may: ${ask.may.join(', ')}.`;
  return `You hold no right to approve it. ${others}`;
}
