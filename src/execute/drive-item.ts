// Takes one item from the state it is found in to the next place where it must wait or end. Every step before a wait is durable.
import { type ItemState, isTerminal, type TerminalState } from '../domain/item.ts';
import { oldsOf } from './candidate.ts';
import { type Held, type LaneHands, next, type StepEnd, stop, strategyOfLane } from './lane-hands.ts';
import { intendSlot } from './mint.ts';
import { alight, move, note } from './move.ts';
import { propagate } from './propagate.ts';
import { completeItem, proveItem } from './prove-item.ts';
import { revoke } from './revoke.ts';
import { isRollingBack, rollBack } from './roll-back.ts';
import { containOnly, sealCandidate } from './seal-candidate.ts';
import { sendCandidate } from './send-candidate.ts';
import { settleDoubt } from './settle-doubt.ts';
import { turnKey } from './turn-key.ts';

/** `stopped`: asked before each step, so that a pause waits for one step, not for a whole item. */
export async function driveItem(hands: LaneHands, held: Held, stopped: () => boolean): Promise<StepEnd> {
  for (;;) {
    if (stopped()) return leave(hands, held, { kind: 'again', afterMs: 0, why: 'the lane is being left' });
    if (isTerminal(held.item.state)) return leave(hands, held, stop);
    const end = await step(hands, held, held.item.state);
    if (end.kind !== 'next') return leave(hands, held, end);
  }
}

async function leave(hands: LaneHands, held: Held, end: StepEnd): Promise<StepEnd> {
  await alight(hands, held);
  return end;
}

function step(hands: LaneHands, held: Held, state: Exclude<ItemState, TerminalState>): Promise<StepEnd> {
  if (held.item.turns !== null) return turnKey(hands, held, state, held.item.turns);
  switch (state) {
    case 'planned':
      return begin(hands, held);
    case 'sealed':
      return sendCandidate(hands, held);
    case 'sent':
    case 'in-doubt':
      return settleDoubt(hands, held);
    case 'applied':
      if (isRollingBack(held.item)) return rollBack(hands, held);
      return held.item.canary && oldsOf(held.item).length === 0 ? primeCanary(hands, held) : propagate(hands, held);
    case 'propagated':
      return revoke(hands, held);
    case 'revoked':
      return proveItem(hands, held);
    case 'proved':
      return completeItem(hands, held);
  }
}

function begin(hands: LaneHands, held: Held): Promise<StepEnd> {
  const strategy = strategyOfLane(hands);
  switch (strategy) {
    case 'set':
    case 'overlap':
      return sealCandidate(hands, held);
    case 'dual':
      return intendSlot(hands, held);
    case 'contain':
    case undefined:
      return containOnly(hands, held);
  }
}

/** A canary whose first value nobody knew has nothing to disprove: this reset made it known, a second one is its proof. */
async function primeCanary(hands: LaneHands, held: Held): Promise<StepEnd> {
  await move(hands, held, 'planned', { lines: [note(hands, 'item', held.item, { primed: held.item.version })] });
  held.candidate = undefined;
  return next;
}
