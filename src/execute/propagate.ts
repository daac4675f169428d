// applied → propagated: every store a consumer reads from holds the new value and was told to reload. A store write is not adoption.
import { can } from '../kit/connector.ts';
import type { Fault } from '../kit/outcome.ts';
import type { Secret } from '../kit/secret.ts';
import { candidateOf } from './candidate.ts';
import { type Held, type LaneHands, next, type StepEnd } from './lane-hands.ts';
import { move, note, park } from './move.ts';
import type { WorkConsumer } from './port.ts';
import { mayRollBack, rollBack } from './roll-back.ts';

export async function propagate(hands: LaneHands, held: Held): Promise<StepEnd> {
  const fresh = await candidateOf(hands, held);
  const broken: { consumer: WorkConsumer; why: string }[] = [];
  let silent: { readonly why: string; readonly retryAfterMs: number | undefined } | undefined;
  for (const consumer of held.item.consumers) {
    if (consumer.state === 'updated' || consumer.state === 'adopted' || consumer.state === 'exempt') continue;
    const stored = await store(hands, held, consumer, fresh);
    if (!stored.ok && isPassing(stored.fault) && held.doubtTries < storeTries) {
      silent = { why: `consumer ${consumer.consumer}: ${stored.why}`, retryAfterMs: stored.fault.retryAfterMs };
      continue;
    }
    await record(hands, held, consumer, stored);
    if (!stored.ok) broken.push({ consumer, why: stored.why });
  }
  if (silent !== undefined) {
    const afterMs = silent.retryAfterMs ?? Math.min(2000, 250 * 2 ** held.doubtTries);
    held.doubtTries++;
    return { kind: 'again', afterMs, why: silent.why };
  }
  const first = broken[0];
  if (first !== undefined) {
    if (mayRollBack(hands, held.item)) return rollBack(hands, held);
    const error = `consumer ${first.consumer.consumer}: ${first.why}${broken.length > 1 ? ` (and ${broken.length - 1} more)` : ''}`;
    // In continuity the broken consumer still lives on its old session: going on would end it. Containment accepts the outage.
    if (hands.claim.mode === 'continuity') return park(hands, held, error);
  }
  await move(hands, held, 'propagated');
  return next;
}

/** A store that did not answer or asked to wait is asked again: the same value put twice is one value, and a reload may be repeated. */
const storeTries = 5;
const isPassing = ({ code }: Fault): boolean => code === 'unreachable' || code === 'throttled' || code === 'conflict';

/** Durable before the next consumer is touched. */
async function record(hands: LaneHands, held: Held, consumer: WorkConsumer, stored: Stored): Promise<void> {
  const state = stored.ok ? 'updated' : 'failed';
  const detail = stored.ok ? undefined : stored.why;
  const line = note(hands, 'consumer', held.item, { consumer: consumer.consumer, store: consumer.store, state, detail });
  const change = {
    key: consumer.key,
    state,
    ...(detail === undefined ? {} : { detail }),
    ...(stored.ok ? { storeVersion: stored.storeVersion } : {}),
  } as const;
  await move(hands, held, held.item.state, { consumers: [change], lines: [line] });
}

/** Clocks kept by a time service agree within this. */
const skewMs = 250;

/**
 * A session opened in the second of the change could not be told from one opened before it, and would be waited for in vain. So a consumer
 * is told to reconnect once that second is over. Its file holds the new value already: whoever reads it meanwhile is not held up.
 */
async function untilDatedApart(hands: LaneHands, held: Held): Promise<void> {
  const grain = hands.connection.sessions?.grainMs ?? 0;
  const { appliedAt } = held.item;
  if (grain === 0 || appliedAt === null) return;
  const clear = Math.floor(appliedAt.getTime() / grain) * grain + grain + skewMs;
  const wait = Math.min(clear - hands.targetNow().getTime(), grain + skewMs);
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
}

type Stored = { readonly ok: true; readonly storeVersion: string } | { readonly ok: false; readonly why: string; readonly fault: Fault };
const failed = (fault: Fault, why = fault.message): Stored => ({ ok: false, why, fault });

async function store(hands: LaneHands, held: Held, consumer: WorkConsumer, secret: Secret): Promise<Stored> {
  const connection = await hands.openStore(consumer.store);
  if (!can(connection, 'storeConsumer')) {
    const message = `${consumer.store} is not a place consumers read from`;
    return failed({ code: 'unsupported', message });
  }
  const stores = connection.storeConsumer;
  hands.assertHeld();
  const put = await stores.put(consumer, held.item.ref, secret);
  if (put.kind === 'refused') return failed(put.fault);
  if (put.kind === 'indeterminate') {
    const holds = await stores.holds(consumer, held.item.ref, secret);
    if (holds.kind !== 'done' || !holds.value) return failed(put.fault);
  }
  if (consumer.reload !== undefined) await untilDatedApart(hands, held);
  hands.assertHeld();
  const reload = await stores.reload(consumer);
  if (reload.kind !== 'done') return failed(reload.fault, `stored, but its reload failed: ${reload.fault.message}`);
  return { ok: true, storeVersion: put.kind === 'done' ? put.value.storeVersion : 'read back' };
}
