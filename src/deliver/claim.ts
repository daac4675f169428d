// What a person may still do about a credential that was reset for them. Pure: the same row and clock give the same answer to list, page and reveal.

import type { ClaimRow, ClaimState } from './claim-port.ts';

export type ClaimRules = { readonly windowMs: number; readonly reRevealMs: number; readonly perHour: number };

export function stateOf(claim: ClaimRow, now: Date, windowMs: number, current = true): ClaimState {
  const { revealedAt, revealedUntil, keptAt } = claim;
  if (revealedAt !== null && (keptAt !== null || revealedUntil === null || revealedUntil <= now)) return 'used';
  if (!current) return 'withdrawn';
  if (revealedAt !== null) return 'revealed';
  return closesAt(claim, windowMs) <= now ? 'expired' : 'waiting';
}

export function closesAt({ opensAt }: Pick<ClaimRow, 'opensAt'>, windowMs: number): Date {
  return new Date(opensAt.getTime() + windowMs);
}

export type Decision =
  | { readonly kind: 'give'; readonly again: boolean; readonly next: ClaimRow }
  | { readonly kind: 'refuse'; readonly why: 'expired' | 'used' | 'shown elsewhere' };

/** Whether `session` may see the value now, and what the claim is afterwards. The time for showing it again is counted from the first time. */
export function decide(claim: ClaimRow, session: string, now: Date, rules: ClaimRules): Decision {
  const state = stateOf(claim, now, rules.windowMs);
  switch (state) {
    case 'waiting':
      return {
        kind: 'give',
        again: false,
        next: { ...claim, revealedAt: now, revealedUntil: new Date(now.getTime() + rules.reRevealMs), session, reveals: claim.reveals + 1 },
      };
    case 'revealed':
      if (claim.session !== session) return { kind: 'refuse', why: 'shown elsewhere' };
      return { kind: 'give', again: true, next: { ...claim, reveals: claim.reveals + 1 } };
    case 'used':
    case 'expired':
      return { kind: 'refuse', why: state };
    case 'withdrawn':
    case 'not-ready':
      throw new TypeError(`a live version is never ${state}`);
  }
}
