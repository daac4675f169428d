// Closes what stayed open beside the new value: the old value of an overlap, the slots that were there before. In continuity only once consumers have moved.
import { can } from '../kit/connector.ts';
import type { Outcome } from '../kit/outcome.ts';
import { unseen } from './adopt.ts';
import { candidateOf } from './candidate.ts';
import { isAccepted } from './exceptions.ts';
import { type Held, type LaneHands, paced, type StepEnd, strategyOfLane } from './lane-hands.ts';
import { move, note, park } from './move.ts';

/** Undefined = nothing stands beside the new value any more. */
export async function retireOld(hands: LaneHands, held: Held): Promise<StepEnd | undefined> {
  const strategy = strategyOfLane(hands);
  if ((strategy !== 'overlap' && strategy !== 'dual') || held.item.retiredAt !== null) return undefined;
  const waiting = await consumersToMove(hands, held);
  if (waiting !== undefined) {
    if (performance.now() - held.since < hands.settings.adoptionMs) return { kind: 'again', afterMs: 250, why: waiting };
    return park(hands, held, `the old credential stays accepted until its consumers have moved: ${waiting}`);
  }
  const retired = strategy === 'overlap' ? await closeOverlap(hands, held) : await retireSlots(hands, held);
  if (retired.kind !== 'done') {
    // Both may be repeated, so a lost answer is simply asked again.
    if (retired.fault.code !== 'throttled') held.doubtTries++;
    if (held.doubtTries > 10) return park(hands, held, `the old credential could not be retired: ${retired.fault.message}`);
    return { kind: 'again', afterMs: retired.fault.retryAfterMs ?? 1000, why: retired.fault.message };
  }
  const what = strategy === 'overlap' ? { overlap: 'closed' } : { retired: [...held.item.slots] };
  await move(hands, held, held.item.state, { retiredAt: hands.targetNow(), lines: [note(hands, 'item', held.item, what)] });
  return undefined;
}

async function consumersToMove(hands: LaneHands, held: Held): Promise<string | undefined> {
  if (hands.claim.mode !== 'continuity' || held.item.consumers.length === 0 || isAccepted(held.item)) return undefined;
  return unseen(hands, held);
}

async function closeOverlap(hands: LaneHands, held: Held): Promise<Outcome<void>> {
  const { connection } = hands;
  if (!can(connection, 'overlap'))
    return { kind: 'refused', fault: { code: 'unsupported', message: 'the connector cannot close an overlap' } };
  const fresh = await candidateOf(hands, held);
  return paced(hands, held, () => {
    hands.assertHeld();
    return connection.overlap.close(held.item.ref, fresh);
  });
}

async function retireSlots(hands: LaneHands, held: Held): Promise<Outcome<void>> {
  const { connection } = hands;
  if (!can(connection, 'dualSecret'))
    return { kind: 'refused', fault: { code: 'unsupported', message: 'the connector cannot retire slots' } };
  for (const slot of held.item.slots) {
    const retired = await paced(hands, held, () => {
      hands.assertHeld();
      return connection.dualSecret.retire(held.item.ref, slot);
    });
    if (retired.kind !== 'done') return retired;
  }
  return { kind: 'done', value: undefined };
}

/** What the target lists beside our own slot: a credential somebody issued meanwhile is a way in that nobody has disproved. Undefined = it did not say. */
export async function strangers(hands: LaneHands, held: Held): Promise<readonly string[] | undefined> {
  const { connection } = hands;
  if (strategyOfLane(hands) !== 'dual' || !can(connection, 'dualSecret')) return [];
  const own = held.item.secrets.find((s) => s.origin === 'generated' && s.version === held.item.version)?.slot;
  const listed = await paced(hands, held, () => connection.dualSecret.list(held.item.ref));
  return listed.kind === 'done' ? listed.value.map((s) => s.slot).filter((slot) => slot !== own) : undefined;
}
