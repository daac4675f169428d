// A consumer is adopted when the running process is seen on the new value: its health check, or a session of its own opened after the change.
import { can } from '../kit/connector.ts';
import type { Held, LaneHands } from './lane-hands.ts';
import { move, note } from './move.ts';
import type { WorkConsumer } from './port.ts';

/** Looks once, and records who was seen. Undefined = every consumer is adopted or exempt; else who is still waited for, in words. */
export async function adopt(hands: LaneHands, held: Held): Promise<string | undefined> {
  const { seen, waiting } = await look(hands, held);
  if (seen.length > 0)
    await move(hands, held, held.item.state, {
      consumers: seen.map(({ consumer, how }) => ({ key: consumer.key, state: 'adopted', detail: how })),
      lines: seen.map(({ consumer, how }) =>
        note(hands, 'consumer', held.item, { consumer: consumer.consumer, store: consumer.store, state: 'adopted', detail: how }),
      ),
    });
  return waiting;
}

/** The same without a record: beside an old value that is still accepted a session proves little. */
export async function unseen(hands: LaneHands, held: Held): Promise<string | undefined> {
  return (await look(hands, held)).waiting;
}

async function look(hands: LaneHands, held: Held): Promise<{ readonly seen: readonly Seen[]; readonly waiting: string | undefined }> {
  const updated = held.item.consumers.filter((c) => c.state === 'updated');
  const broken = held.item.consumers.filter((c) => c.state === 'failed' || c.state === undefined);
  const seen = await seenOf(hands, held, updated);
  const left = [...broken, ...updated.filter((c) => !seen.some((s) => s.consumer.key === c.key))];
  return { seen, waiting: left.length === 0 ? undefined : `not seen on the new value: ${left.map((c) => c.consumer).join(', ')}` };
}

type Seen = { readonly consumer: WorkConsumer; readonly how: string };

async function seenOf(hands: LaneHands, held: Held, waiting: readonly WorkConsumer[]): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  const bySession: WorkConsumer[] = [];
  for (const consumer of waiting) {
    const store = await hands.openStore(consumer.store);
    const health = can(store, 'storeConsumer') ? await store.storeConsumer.healthy(consumer) : undefined;
    if (health?.kind === 'done' && health.value === true) seen.push({ consumer, how: 'its health check passed after the change' });
    else if (health?.kind === 'done' && health.value === undefined) bySession.push(consumer);
  }
  return [...seen, ...(await seenBySession(hands, held, bySession))];
}

async function seenBySession(hands: LaneHands, held: Held, consumers: readonly WorkConsumer[]): Promise<readonly Seen[]> {
  const { connection } = hands;
  // While the old value stands beside the new one a session may have used either: only one opened after it was closed is proof.
  const since = held.item.retiredAt ?? held.item.appliedAt;
  if (consumers.length === 0 || since === null || !can(connection, 'sessions')) return [];
  const listed = await connection.sessions.list(held.item.ref);
  if (listed.kind !== 'done') return [];
  // Where sessions are dated by the second, one opened in the second of the change counts as after it: if it was not, revocation still finds it.
  // Rekey's own probes log in with the new value too: they are nobody's adoption.
  const grain = connection.sessions.grainMs ?? 1;
  const from = Math.floor(since.getTime() / grain) * grain;
  const fresh = listed.value.filter((s) => !s.own && s.startedAt.getTime() >= from);
  const named = consumers.filter((c) => fresh.some((s) => s.from.includes(c.consumer)));
  const unnamed = consumers.filter((c) => !named.includes(c));
  const nameless = fresh.filter((s) => !named.some((c) => s.from.includes(c.consumer)));
  // Sessions that name nobody prove adoption only when there is one for each consumer still waited for.
  const counted = unnamed.length > 0 && nameless.length >= unnamed.length ? unnamed : [];
  return [
    ...named.map((consumer) => ({ consumer, how: 'a session of its own, opened after the change' })),
    ...counted.map((consumer) => ({
      consumer,
      how: `${nameless.length} session(s) opened after the change for ${unnamed.length} consumer(s)`,
    })),
  ];
}
