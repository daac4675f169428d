// A key with generations: decide → reset once → every replica has it → present what was issued before → wait and reset again, or proved. Nothing is ever sent again by itself.
import type { ItemState, TerminalState } from '../domain/item.ts';
import type { Generation, KeyGenerations } from '../kit/generations.ts';
import type { Fault } from '../kit/outcome.ts';
import { candidateOf } from './candidate.ts';
import { type Held, type LaneHands, next, paced, pacedRead, type StepEnd, stop } from './lane-hands.ts';
import { move, note, park, ride } from './move.ts';
import type { Turn } from './port.ts';
import { presentWitness } from './present-witness.ts';
import { completeItem } from './prove-item.ts';
import { keepSealed, nextVersion } from './seal-candidate.ts';

/** A replica that stays behind is looked at again after this long, without holding up the other accounts of the lane. */
const lookAgainMs = 10 * 60_000;
const readTries = 4;

export async function turnKey(
  hands: LaneHands,
  held: Held,
  state: Exclude<ItemState, TerminalState>,
  turns: readonly Turn[],
): Promise<StepEnd> {
  const keys = hands.connection.generations;
  if (keys === undefined) return park(hands, held, `${hands.claim.system} turns no keys as it is configured now`);
  const last = turns.at(-1);
  switch (state) {
    case 'planned':
      return decide(hands, held, keys);
    case 'sealed':
      return last === undefined ? decide(hands, held, keys) : send(hands, held, keys, last);
    case 'sent':
    case 'in-doubt':
      return last === undefined ? park(hands, held, 'in doubt: no decision is on record') : settle(hands, held, keys, last);
    case 'applied':
      return last === undefined ? park(hands, held, 'no reset is on record') : converge(hands, held, keys, last);
    case 'propagated':
    case 'revoked':
      return prove(hands, held, keys, turns);
    case 'proved':
      return completeItem(hands, held);
  }
}

/** planned → sealed: something issued under the key as it is lies sealed in the escrow, and the generation this reset is for is on record. */
async function decide(hands: LaneHands, held: Held, keys: KeyGenerations): Promise<StepEnd> {
  const read = await pacedRead(hands, held, () => keys.read(held.item.ref));
  if (read.kind !== 'done') return later(hands, held, `its generation cannot be read: ${read.fault.message}`, read.fault);
  const expected = read.value[0]?.generation;
  if (expected === undefined) return later(hands, held, 'its generation cannot be read on the replica that takes the reset');
  const turn = { expected, attempt: held.item.attempt };
  const lines = [note(hands, 'item', held.item, { decided: `reset of generation ${expected}` })];
  if (hasWitness(held)) {
    await move(hands, held, 'sealed', { turn, lines });
    return next;
  }
  const witness = await paced(hands, held, () => keys.witness(held.item.ref, 'real'));
  if (witness.kind !== 'done')
    return later(hands, held, `nothing could be issued to be presented afterwards: ${witness.fault.message}`, witness.fault);
  const version = nextVersion(held.item);
  const sealed = await hands.escrow.seal(hands.claim, held.item.account, version, witness.value);
  await move(hands, held, 'sealed', { version, seal: { version, sealed }, turn, lines });
  await keepSealed(hands, held, { version, sealed });
  return next;
}

/** The one taken before the first reset of this item is kept through all of them, and through a retry. */
function hasWitness({ item }: Held): boolean {
  return item.secrets.some((s) => s.origin === 'generated' && s.version === item.version);
}

async function send(hands: LaneHands, held: Held, keys: KeyGenerations, turn: Turn): Promise<StepEnd> {
  // A person asked for it again, having been told what stood in the way: the decision is made anew on what the target says now.
  if (held.item.attempt > turn.attempt) return decide(hands, held, keys);
  const alive = await takenBefore(hands, held, keys);
  if (alive !== undefined) return alive;
  await move(hands, held, 'sent');
  const reset = await paced(hands, held, () => {
    hands.assertHeld();
    return keys.reset(held.item.ref, turn.expected);
  });
  switch (reset.kind) {
    case 'done':
      await applied(hands, held, turn, reset.value);
      return next;
    case 'indeterminate':
      await move(hands, held, 'in-doubt', { error: reset.fault.message });
      return next;
    case 'refused':
      await move(hands, held, 'sealed', { error: reset.fault.message });
      return later(hands, held, reset.fault.message, reset.fault);
  }
}

/** Before the first reset the witness must open the door: what was never taken proves nothing by being refused. */
async function takenBefore(hands: LaneHands, held: Held, keys: KeyGenerations): Promise<StepEnd | undefined> {
  if ((held.item.turns ?? []).some((turn) => turn.reached !== null)) return undefined;
  const witness = await candidateOf(hands, held);
  const read = await pacedRead(hands, held, () => keys.read(held.item.ref));
  const replica = read.kind === 'done' ? read.value[0]?.replica : undefined;
  if (replica === undefined) return later(hands, held, 'its replicas cannot be read');
  const probed = await keys.present(held.item.ref, witness, replica);
  if (probed.verdict === 'accepted') return undefined;
  return later(hands, held, `what was issued just now is not accepted (${probed.code}): its refusal afterwards would prove nothing`);
}

async function applied(hands: LaneHands, held: Held, turn: Turn, reached: number): Promise<void> {
  const resetAt = hands.now();
  await move(hands, held, 'applied', {
    turn: { expected: turn.expected, reached, resetAt },
    appliedAt: hands.targetNow(),
    lines: [note(hands, 'item', held.item, { generation: reached, before: turn.expected })],
  });
}

/** in-doubt → applied: the generation moved. It did not: a person decides. What was sent may still arrive, and sent again it would be the next reset. */
async function settle(hands: LaneHands, held: Held, keys: KeyGenerations, turn: Turn): Promise<StepEnd> {
  if (held.item.state === 'sent') await move(hands, held, 'in-doubt', { error: 'the worker stopped between the reset and its record' });
  const read = await pacedRead(hands, held, () => keys.read(held.item.ref));
  const now = read.kind === 'done' ? read.value[0]?.generation : undefined;
  if (now !== undefined && now > turn.expected) {
    await applied(hands, held, turn, now);
    return next;
  }
  if (now !== undefined && held.item.attempt > turn.attempt) {
    await move(hands, held, 'sealed', {
      turn: { expected: turn.expected, attempt: held.item.attempt },
      lines: [
        note(hands, 'item', held.item, { decided: `reset of generation ${turn.expected}, sent again because a person asked for it` }),
      ],
    });
    return next;
  }
  held.doubtTries++;
  const why =
    now === undefined
      ? `its generation cannot be read${read.kind === 'done' ? '' : `: ${read.fault.message}`}`
      : `its generation is still ${now}, so the reset did not arrive, or has not yet`;
  if (held.doubtTries < readTries) return { kind: 'again', afterMs: 250 * 2 ** held.doubtTries, why };
  return park(hands, held, `in doubt: ${why}. It is not sent again by itself: look at the target, then retry to send it once more`);
}

/** applied → propagated: every writable replica holds the new key. How long that took goes into the wait. */
async function converge(hands: LaneHands, held: Held, keys: KeyGenerations, turn: Turn): Promise<StepEnd> {
  const behind = await replicasBehind(hands, held, keys, turn);
  if (behind === undefined) {
    await received(hands, held, turn);
    return next;
  }
  if (performance.now() - held.since < hands.settings.patienceMs) return { kind: 'again', afterMs: 500, why: behind };
  ride(hands, held, 'propagated');
  return clock(hands, held, new Date(hands.now().getTime() + lookAgainMs), behind);
}

async function received(hands: LaneHands, held: Held, turn: Turn): Promise<void> {
  const convergedAt = hands.now();
  const tookMs = turn.resetAt === null ? undefined : convergedAt.getTime() - turn.resetAt.getTime();
  await move(hands, held, 'propagated', {
    turn: { expected: turn.expected, convergedAt },
    lines: [note(hands, 'item', held.item, { generation: turn.reached, everywhere: true, tookMs })],
  });
}

/** Undefined = all have it. */
async function replicasBehind(hands: LaneHands, held: Held, keys: KeyGenerations, turn: Turn): Promise<string | undefined> {
  const read = await pacedRead(hands, held, () => keys.read(held.item.ref));
  if (read.kind !== 'done') return `its replicas cannot be read: ${read.fault.message}`;
  const has = ({ generation }: Generation): boolean => generation !== undefined && generation >= (turn.reached ?? turn.expected + 1);
  const behind = read.value.filter((each) => !has(each)).map((each) => each.replica);
  return behind.length === 0 ? undefined : `the reset is not yet on ${behind.join(', ')}`;
}

async function prove(hands: LaneHands, held: Held, keys: KeyGenerations, turns: readonly Turn[]): Promise<StepEnd> {
  const last = turns.at(-1);
  if (last === undefined) return park(hands, held, 'no reset is on record');
  if (last.convergedAt === null) {
    const behind = await replicasBehind(hands, held, keys, last);
    if (behind !== undefined) return clock(hands, held, new Date(hands.now().getTime() + lookAgainMs), behind);
    await received(hands, held, last);
    return next;
  }
  const shown = await presentWitness(hands, held, keys);
  const { cells, lines } = shown;
  switch (shown.kind) {
    case 'dead': {
      const version = held.item.version as number; // set with `sealed`, which every item here has passed
      if (held.item.state === 'propagated') ride(hands, held, 'revoked');
      // What an owner accepted was not disproved.
      const disproved = cells.every((cell) => cell.verdict === 'proved');
      const secrets = disproved ? [{ origin: 'generated', version, state: 'disproved' } as const] : [];
      ride(hands, held, 'proved', { cells, lines, secrets });
      return next;
    }
    case 'unclear':
      held.doubtTries++;
      if (held.doubtTries < readTries) return { kind: 'again', afterMs: 1000, why: shown.why };
      return park(hands, held, `not proved (${shown.why})`, { cells, lines });
    case 'alive':
      if (held.item.reproofs > 0 || held.item.state === 'revoked') return backToLife(hands, held, shown);
      return again(hands, held, keys, { turns, convergedAt: last.convergedAt, cells, lines, why: shown.why });
  }
}

type Shown = Pick<Awaited<ReturnType<typeof presentWitness>>, 'cells' | 'lines' | 'why'>;

async function backToLife(hands: LaneHands, held: Held, { cells, lines, why }: Shown): Promise<StepEnd> {
  const error = `came back to life after it was proved dead: ${why}`;
  if (held.item.state === 'propagated') ride(hands, held, 'revoked');
  await move(hands, held, 'failed', { open: false, error, cells, lines: [...lines, note(hands, 'item', held.item, { alert: error })] });
  return stop;
}

/** Still honoured: the next reset, once nothing that people and services hold depends on the generation it would push out. */
async function again(
  hands: LaneHands,
  held: Held,
  keys: KeyGenerations,
  so: Shown & { readonly turns: readonly Turn[]; readonly convergedAt: Date },
): Promise<StepEnd> {
  const { cells, lines } = so;
  // Counted since a person last asked for it.
  const done = so.turns.filter((turn) => turn.reached !== null && turn.attempt >= held.item.attempt).length;
  if (done >= keys.most)
    return park(hands, held, `still honoured after ${done} resets, which no target known does: ${so.why}`, { cells, lines });
  const life = await keys.lifeMs(held.item.ref);
  if (life.kind !== 'done') return later(hands, held, `how long tickets live cannot be read: ${life.fault.message}`, life.fault);
  // Containment accepts that everybody authenticates again: it waits for the replicas and for nothing else.
  const until = hands.claim.mode === 'contain' ? so.convergedAt : new Date(so.convergedAt.getTime() + life.value);
  if (hands.now() < until) {
    const why = `reset ${done} of at most ${keys.most} is on every replica and what was issued before is still honoured; the next reset follows then`;
    return clock(hands, held, until, why, { cells, lines });
  }
  await move(hands, held, 'planned', { cells, lines });
  return next;
}

/** The item waits outside the lane: the clock is in the store, and whoever works then takes it up again. */
async function clock(hands: LaneHands, held: Held, until: Date, why: string, more: Partial<Shown> = {}): Promise<StepEnd> {
  if (held.item.state === 'propagated') ride(hands, held, 'revoked');
  await move(hands, held, 'residual', {
    ...(more.cells === undefined ? {} : { cells: more.cells }),
    ...(more.lines === undefined ? {} : { lines: more.lines }),
    residual: { until, why },
    open: false,
  });
  return stop;
}

/** Certainly nothing was sent: what passes by itself is waited for, the rest is a person's. */
async function later(hands: LaneHands, held: Held, why: string, fault?: Fault): Promise<StepEnd> {
  held.doubtTries++;
  const passes = fault === undefined || fault.code === 'throttled' || fault.code === 'unreachable';
  if (!passes || held.doubtTries > readTries) return park(hands, held, why);
  return { kind: 'again', afterMs: fault?.retryAfterMs ?? 500 * 2 ** held.doubtTries, why };
}
