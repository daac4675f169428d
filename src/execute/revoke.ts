// propagated → revoked: consumers are waited for, then sessions opened before the change are ended and seen to be gone.
import { can } from '../kit/connector.ts';
import { adopt } from './adopt.ts';
import { isAccepted } from './exceptions.ts';
import { type Held, type LaneHands, next, type StepEnd } from './lane-hands.ts';
import { move, note, park, ride } from './move.ts';
import { lookAtCells } from './prove-item.ts';
import { retireOld } from './retire-old.ts';

/** Consumers whose sessions a target cannot end mostly come back with the new secret within it. */
const soonMs = 10_000;

export async function revoke(hands: LaneHands, held: Held): Promise<StepEnd> {
  const kept = await retireOld(hands, held);
  if (kept !== undefined) return kept;
  // A consumer that can be told to reload moves by itself; ending its session before that would be an outage we caused.
  if (hands.claim.mode === 'continuity' && held.item.consumers.length > 0) {
    const waiting = await adopt(hands, held);
    const reloads = held.item.consumers.some((c) => c.state === 'updated' && (c.reload !== undefined || c.health !== undefined));
    if (waiting !== undefined && reloads && !isAccepted(held.item) && performance.now() - held.since < hands.settings.adoptionMs)
      return { kind: 'again', afterMs: 250, why: waiting };
  }
  const { connection } = hands;
  if (!can(connection, 'sessions')) {
    ride(hands, held, 'revoked', { lines: [note(hands, 'sessions', held.item, { cannot: true })] });
    return next;
  }
  const before = held.item.retiredAt ?? held.item.appliedAt ?? hands.targetNow();
  hands.assertHeld();
  // Not one of the lane's calls in flight: a connector answers many accounts from one list of sessions, and a place held while waiting for it would starve the resets.
  const ended = await connection.sessions.end(held.item.ref, before);
  if (ended.kind !== 'done') {
    if (ended.fault.code !== 'throttled') held.doubtTries++;
    if (held.doubtTries > 10) return parkUnrevoked(hands, held, `sessions: ${ended.fault.message}`);
    return { kind: 'again', afterMs: ended.fault.retryAfterMs ?? 1000, why: `sessions: ${ended.fault.message}` };
  }
  const { left, residualMs, byClock } = ended.value;
  const line = note(hands, 'sessions', held.item, { ended: ended.value.ended, left, residualMs });
  if (left === 0) {
    // Where nothing was ended, looking again is all that a crash costs: the step rides with the proof.
    if (ended.value.ended > 0) await move(hands, held, 'revoked', { lines: [line] });
    else ride(hands, held, 'revoked');
    return next;
  }
  if (isAccepted(held.item)) {
    await move(hands, held, 'revoked', { lines: [line] });
    return next;
  }
  // What may end soon is waited for inside the run; a longer clock becomes the item's residual at the proof.
  const patience = Math.min(hands.settings.patienceMs, soonMs);
  const hopeless = byClock === true && residualMs !== undefined && residualMs > patience;
  if (!hopeless && performance.now() - held.since < patience)
    return { kind: 'again', afterMs: 500, why: `${left} session(s) from before the change are still open` };
  if (residualMs === undefined)
    return park(
      hands,
      held,
      `${left} session(s) opened before the change are still open and the target cannot end them: restart what holds them, then retry`,
      { lines: [line] },
    );
  const until = new Date(hands.now().getTime() + residualMs);
  // The proof does not wait for the clock: what can be shown is shown now.
  await move(hands, held, 'revoked', {
    lines: [line],
    residual: { until, why: `${left} session(s) opened before the change end by themselves` },
  });
  return next;
}

/** Its sessions are not known to be ended, so it goes no further; what its paths say of the old secret is shown all the same. */
async function parkUnrevoked(hands: LaneHands, held: Held, why: string): Promise<StepEnd> {
  if (held.item.blocked) return park(hands, held, why);
  const { cells, lines } = await lookAtCells(hands, held);
  return park(hands, held, why, { cells, lines });
}
