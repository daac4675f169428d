// applied → rolled-back: when a consumer cannot take the new value and the plan allows it, target and consumers return to the previous one.
import { can } from '../kit/connector.ts';
import type { Outcome } from '../kit/outcome.ts';
import type { Secret } from '../kit/secret.ts';
import { candidateOf, previousOf } from './candidate.ts';
import { type Held, type LaneHands, paced, type StepEnd, stop, strategyOfLane } from './lane-hands.ts';
import { move, note, park } from './move.ts';
import type { WorkItem } from './port.ts';

/** Never back to a value that leaked or that we did not hold, never in containment: there the old value is the incident. */
export function mayRollBack(hands: LaneHands, item: WorkItem): boolean {
  return (
    hands.claim.rollback &&
    hands.claim.mode === 'continuity' &&
    !item.secrets.some((s) => s.origin === 'leaked') &&
    previousOf(item) !== undefined
  );
}

/** The previous value alone: set again; or, where the target makes values, the new slot is taken away and the old ones were never touched. */
function putBack(hands: LaneHands, held: Held, secret: Secret): Promise<Outcome<void>> {
  const { connection } = hands;
  const { ref, secrets, version } = held.item;
  const slot = secrets.find((s) => s.origin === 'generated' && s.version === version)?.slot;
  return paced(hands, held, async () => {
    hands.assertHeld();
    if (slot !== undefined && can(connection, 'dualSecret')) return connection.dualSecret.retire(ref, slot);
    if (can(connection, 'setSecret')) return connection.setSecret.set(ref, secret);
    return { kind: 'refused', fault: { code: 'unsupported', message: 'the connector cannot set this secret' } };
  });
}

/** A crash leaves the escrow saying which value is meant to be live (`candidate` again), and the item goes on from there. */
export function isRollingBack(item: WorkItem): boolean {
  return (
    item.state === 'applied' && item.secrets.some((s) => s.origin === 'generated' && s.version === item.version && s.state === 'previous')
  );
}

export async function rollBack(hands: LaneHands, held: Held): Promise<StepEnd> {
  const { connection } = hands;
  const { item } = held;
  const back = isRollingBack(item) ? item.secrets.findLast((s) => s.state === 'candidate' && s.version !== item.version) : previousOf(item);
  const strategy = strategyOfLane(hands);
  if (back === undefined || (strategy !== 'dual' && !can(connection, 'setSecret')))
    return park(hands, held, 'cannot roll back: no previous value is held');
  const version = item.version as number;
  if (!isRollingBack(item))
    await move(hands, held, 'applied', {
      secrets: [
        { origin: 'generated', version, state: 'previous' },
        { origin: back.origin, version: back.version, state: 'candidate' },
      ],
      lines: [note(hands, 'item', item, { rollingBackTo: back.version })],
    });
  const secret = await hands.escrow.open(item.account, back);
  const set = await putBack(hands, held, secret);
  if (set.kind !== 'done') return { kind: 'again', afterMs: 2000, why: `rolling back: ${set.fault.message}` };
  const restored: { key: string; state: 'restored' | 'failed'; detail?: string }[] = [];
  for (const consumer of item.consumers) {
    const store = await hands.openStore(consumer.store);
    const put = can(store, 'storeConsumer') ? await store.storeConsumer.put(consumer, item.ref, secret) : undefined;
    const reload = put?.kind === 'done' && can(store, 'storeConsumer') ? await store.storeConsumer.reload(consumer) : undefined;
    restored.push(
      reload?.kind === 'done'
        ? { key: consumer.key, state: 'restored' }
        : { key: consumer.key, state: 'failed', detail: 'could not be put back on the previous value' },
    );
  }
  const fresh = await candidateOf(hands, held);
  const where = can(connection, 'probe') ? (await connection.probe.paths())[0] : undefined;
  const probed = where !== undefined && can(connection, 'probe') ? await connection.probe.attempt(item.ref, fresh, where) : undefined;
  await move(hands, held, 'rolled-back', {
    open: false,
    error: 'a consumer could not take the new value: rolled back to the previous one',
    consumers: restored,
    current: { version: back.version, at: hands.now() },
    secrets: [{ origin: back.origin, version: back.version, state: 'live' }],
    lines: [
      note(hands, 'probe', item, {
        secret: 'withdrawn',
        path: where?.path,
        replica: where?.replica,
        verdict: probed?.verdict,
        code: probed?.code,
      }),
    ],
  });
  return stop;
}
