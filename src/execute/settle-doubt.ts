// in-doubt → applied | sealed | failed: the target itself says which value it holds. No further write until it has said so.
import { candidateOf, previousOf } from './candidate.ts';
import { type Held, type LaneHands, next, type StepEnd, stop, strategyOfLane } from './lane-hands.ts';
import { isMinted, withdrawOrphan } from './mint.ts';
import { move, park, ride } from './move.ts';
import type { SealedSecret, Transition } from './port.ts';

/** 8 tries with doubling pauses up to 30 s: about two minutes, then a person decides; the item stays in-doubt, never failed. */
const tries = 8;

export async function settleDoubt(hands: LaneHands, held: Held): Promise<StepEnd> {
  if (held.item.state === 'sent') await move(hands, held, 'in-doubt', { error: 'the worker stopped between the write and its record' });
  if (strategyOfLane(hands) === 'dual' && !isMinted(held)) return withdrawOrphan(hands, held);
  const candidate = await candidateOf(hands, held);
  const before = previousOf(held.item);
  const previous = before === undefined ? undefined : await hands.escrow.open(held.item.account, before);
  const { finding, why, lines } = await hands.resolve({ item: held.item, connection: hands.connection, candidate, previous });
  // A minted value that is refused is not sent again: it exists, and targets honour a new slot only after a while.
  switch (isMinted(held) && finding !== 'applied' ? 'unknown' : finding) {
    case 'applied':
      await recordApplied(hands, held, lines);
      return next;
    case 'unchanged':
      await move(hands, held, 'sealed', { lines });
      return next;
    case 'third-value':
      await move(hands, held, 'failed', { open: false, error: `third value: ${why}`, lines });
      return stop;
    case 'unknown':
      held.doubtTries++;
      if (held.doubtTries >= tries) return park(hands, held, `in doubt: ${why}`, { lines });
      await move(hands, held, 'in-doubt', { error: why, lines });
      return { kind: 'again', afterMs: Math.min(30_000, 500 * 2 ** held.doubtTries), why };
  }
}

/** With no consumer to write to, `propagated` follows at once and both are one commit. */
export async function recordApplied(hands: LaneHands, held: Held, lines: readonly string[] = []): Promise<void> {
  const change = { ...currentChange(hands, held), lines };
  if (held.item.consumers.length > 0) await move(hands, held, 'applied', change);
  else ride(hands, held, 'applied', change);
}

/** What changes in the escrow and on the account when the target is known to hold the candidate. */
function currentChange(hands: LaneHands, held: Held): Pick<Transition, 'appliedAt' | 'current' | 'secrets'> {
  const { item } = held;
  const version = item.version as number; // an item past `sealed` has one: the store refuses to seal without it
  const superseded = item.secrets.filter((s) => s.state === 'live' && s.version !== version);
  const secrets = [
    ...superseded.map((s) => ({ origin: s.origin, version: s.version, state: 'previous' as const })),
    { origin: 'generated' as const, version, state: 'live' as const },
  ];
  held.item = {
    ...item,
    secrets: item.secrets.map(
      (s): SealedSecret => ({ ...s, state: secrets.find((n) => n.origin === s.origin && n.version === s.version)?.state ?? s.state }),
    ),
  };
  return { appliedAt: hands.targetNow(), current: { version, at: hands.now() }, secrets };
}
