// sealed → sent → applied | in-doubt | failed: the write itself. `sent` is durable before the first byte; a lost answer is never retried blindly.
import { type Connection, can } from '../kit/connector.ts';
import type { Fault, Outcome } from '../kit/outcome.ts';
import { candidateOf } from './candidate.ts';
import { type Held, type LaneHands, next, paced, type StepEnd, stop, strategyOfLane } from './lane-hands.ts';
import { issueSlot } from './mint.ts';
import { move, note, park } from './move.ts';
import { recordApplied } from './settle-doubt.ts';

/** A refused value is made anew twice; a third refusal is the estate's policy being wrong, not chance. */
const policyTries = 2;

export async function sendCandidate(hands: LaneHands, held: Held): Promise<StepEnd> {
  const { connection, claim } = hands;
  if (claim.mode === 'contain' && can(connection, 'contain') && !held.item.blocked && (await isUsable(connection, held))) {
    // On record before it is done: a crash in between leaves an unblock too many, never an account blocked for ever.
    await move(hands, held, 'sealed', { blocked: true, lines: [note(hands, 'item', held.item, { contained: true })] });
    const blocked = await paced(hands, held, () => connection.contain.block(held.item.ref));
    if (blocked.kind !== 'done') return refusedBeforeSend(hands, held, blocked.fault, 'could not block the account before the reset');
  }
  await move(hands, held, 'sent');
  const outcome = await write(hands, held);
  switch (outcome.kind) {
    case 'done':
      await recordApplied(hands, held);
      return next;
    case 'indeterminate':
      await move(hands, held, 'in-doubt', { error: outcome.fault.message });
      return next;
    case 'refused':
      return refusedBySet(hands, held, outcome.fault);
  }
}

async function write(hands: LaneHands, held: Held): Promise<Outcome<void>> {
  const { connection } = hands;
  const strategy = strategyOfLane(hands);
  if (strategy === 'dual') return issueSlot(hands, held);
  const candidate = await candidateOf(hands, held);
  return paced(hands, held, async () => {
    hands.assertHeld();
    if (strategy === 'overlap' && can(connection, 'overlap')) return connection.overlap.open(held.item.ref, candidate);
    if (can(connection, 'setSecret')) return connection.setSecret.set(held.item.ref, candidate);
    return { kind: 'refused', fault: { code: 'unsupported', message: 'the connector cannot set this secret' } };
  });
}

/** An account somebody else has locked stays theirs to unlock: we neither block nor unblock it. */
async function isUsable(connection: Connection, held: Held): Promise<boolean> {
  if (!can(connection, 'state')) return true;
  const replica = (await connection.state.replicas())[0];
  const state = replica === undefined ? undefined : await connection.state.read(held.item.ref, replica);
  return state?.kind !== 'done' || state.value.usable;
}

async function refusedBySet(hands: LaneHands, held: Held, fault: Fault): Promise<StepEnd> {
  switch (fault.code) {
    case 'throttled':
    case 'conflict':
    case 'unreachable':
    case 'auth':
    case 'permission':
      await move(hands, held, 'sealed', { error: fault.message });
      return refusedBeforeSend(hands, held, fault, fault.message);
    case 'policy': {
      held.doubtTries++;
      const { connection } = hands;
      // A shared value is the same each time: its refusal is for people to settle, not for another try.
      if (held.item.shared === undefined && held.doubtTries <= policyTries && can(connection, 'passwordPolicy')) {
        const own = await connection.passwordPolicy.read(held.item.ref);
        if (own.kind === 'done') hands.policies.push(own.value);
        held.candidate = undefined;
        await move(hands, held, 'planned', { error: fault.message });
        return next;
      }
      await move(hands, held, 'failed', {
        open: false,
        error: `the target's policy refused the ${held.item.shared === undefined ? '' : 'shared '}value: ${fault.message}`,
      });
      return stop;
    }
    case 'not-found':
    case 'unsupported':
    case 'protocol':
      await move(hands, held, 'failed', { open: false, error: fault.message });
      return stop;
  }
}

async function refusedBeforeSend(hands: LaneHands, held: Held, fault: Fault, why: string): Promise<StepEnd> {
  // A throttle is the target's to lift, not the account's fault.
  if (fault.code !== 'throttled') held.doubtTries++;
  // The breaker decides about a system; this bound is for one account that alone keeps answering so.
  if (held.doubtTries > 20) return park(hands, held, why);
  return { kind: 'again', afterMs: fault.retryAfterMs ?? Math.min(2000, 250 * 2 ** Math.min(held.doubtTries, 4)), why };
}
