// The one way to write a step: its state, its evidence and all its changes in one commit. Steps that need no boundary of their own ride with the next.
import { entryLine } from '../domain/entry.ts';
import type { ItemState } from '../domain/item.ts';
import type { Json } from '../domain/json.ts';
import { type Change, type Held, type LaneHands, LaneLost, type Riding, type StepEnd, stop } from './lane-hands.ts';
import type { Turn, WorkItem } from './port.ts';

/**
 * A step that rides with the next one: its lines and changes are written in the same commit. Only for a step that a worker taking the item over may
 * take again without harm; nothing that a target was told may wait for it.
 */
export function ride(hands: LaneHands, held: Held, to: ItemState, change: Change = {}): void {
  const { item } = held;
  // The clock of a session is known before the proof and kept through it.
  const residual = change.residual ?? (to === 'revoked' ? item.residual : null);
  const lines = [...(change.lines ?? []), ...(item.state === to ? [] : [itemLine(hands, item, to, change)])];
  held.riding = joined(held.riding ?? { from: item.state, change: {} }, { ...change, lines, ...(residual && { residual }) });
  held.item = moved(item, to, change);
}

/** Writes one durable step with its evidence, and brings the item in hand up to date. Throws LaneLost when fenced. */
export async function move(hands: LaneHands, held: Held, to: ItemState, change: Change = {}): Promise<void> {
  ride(hands, held, to, change);
  await alight(hands, held);
}

/** Writes what rides, if anything does. */
export async function alight(hands: LaneHands, held: Held): Promise<void> {
  const { item, riding } = held;
  if (riding === undefined) return;
  held.riding = undefined;
  const { lines = [], open = true, ...rest } = riding.change;
  const kept = await hands.store.commit({
    ...rest,
    claim: hands.claim,
    item: item.key,
    account: item.account,
    from: riding.from,
    to: item.state,
    open,
    lines,
  });
  if (!kept) throw new LaneLost(hands.claim);
}

/** What the later step says wins; a row that both touch is written once. */
function joined({ from, change: first }: Riding, second: Change): Riding {
  const { error: _, ...kept } = first;
  const secrets = latest(first.secrets, second.secrets, (s) => `${s.origin}/${s.version}`);
  const consumers = latest(first.consumers, second.consumers, (c) => c.key);
  const lines = [...(first.lines ?? []), ...(second.lines ?? [])];
  return { from, change: { ...kept, ...second, lines, ...(secrets && { secrets }), ...(consumers && { consumers }) } };
}

function latest<T>(first: readonly T[] | undefined, second: readonly T[] | undefined, keyOf: (row: T) => string): readonly T[] | undefined {
  if (first === undefined || second === undefined) return second ?? first;
  return [...new Map([...first, ...second].map((row) => [keyOf(row), row])).values()];
}

function moved(item: WorkItem, to: ItemState, change: Change): WorkItem {
  const { consumers } = change;
  return {
    ...item,
    state: to,
    version: change.version ?? item.version,
    appliedAt: change.appliedAt ?? item.appliedAt,
    retiredAt: change.retiredAt ?? item.retiredAt,
    slots: change.slots === undefined ? item.slots : [...item.slots, ...change.slots],
    turns: change.turn === undefined ? item.turns : turned(item.turns ?? [], change.turn),
    residual: change.residual ?? (to === 'revoked' ? item.residual : null),
    blocked: change.blocked ?? item.blocked,
    consumers:
      consumers === undefined
        ? item.consumers
        : item.consumers.map((c) => ({ ...c, state: consumers.find((n) => n.key === c.key)?.state ?? c.state })),
  };
}

function turned(turns: readonly Turn[], change: NonNullable<Change['turn']>): readonly Turn[] {
  const before = turns.find((turn) => turn.expected === change.expected);
  const fresh: Turn = { attempt: 0, reached: null, resetAt: null, convergedAt: null, ...before, ...change };
  return before === undefined ? [...turns, fresh] : turns.map((turn) => (turn === before ? fresh : turn));
}

/** Leaves the item where it is, with the reason; only a person's retry opens it again. */
export async function park(hands: LaneHands, held: Held, error: string, more: Change = {}): Promise<StepEnd> {
  const line = note(hands, 'item', held.item, { parked: held.item.state, error });
  await move(hands, held, held.item.state, { ...more, open: false, error, lines: [...(more.lines ?? []), line] });
  return stop;
}

export function note(
  hands: LaneHands,
  kind: 'item' | 'probe' | 'consumer' | 'sessions',
  item: WorkItem,
  data: { readonly [key: string]: Json | undefined },
): string {
  return entryLine(kind, hands.now(), { item: `${item.ref.system}/${item.ref.id}`, account: item.ref.name, ...data });
}

function itemLine(hands: LaneHands, item: WorkItem, to: ItemState, change: Change): string {
  return note(hands, 'item', item, {
    from: item.state,
    to,
    version: change.version ?? item.version ?? undefined,
    error: change.error,
    until: change.residual?.until.toISOString(),
    why: change.residual?.why,
  });
}
