// Where the target makes the value: what is sealed before the call, how its answer is sealed, and how a lost answer is found and undone.
import { can } from '../kit/connector.ts';
import type { Outcome } from '../kit/outcome.ts';
import { type Held, type LaneHands, next, paced, type StepEnd } from './lane-hands.ts';
import { move, note, park } from './move.ts';
import { keepSealed, nextVersion } from './seal-candidate.ts';

/** Unique for ever: an orphan of a lost answer is found by it. Letters, digits and hyphens, under 64 characters: every target takes that as a name. */
export function labelOf(hands: LaneHands, held: Held): string {
  return `rekey-${hands.claim.run}-${held.item.key}-${held.item.version}`.toLowerCase();
}

/** planned → sealed: there is no value yet; what is durable is the intent, and which slots were there before it. */
export async function intendSlot(hands: LaneHands, held: Held): Promise<StepEnd> {
  const { connection, item } = { connection: hands.connection, item: held.item };
  if (!can(connection, 'dualSecret')) return park(hands, held, 'the connector cannot issue a second slot');
  const listed = await paced(hands, held, () => connection.dualSecret.list(item.ref));
  if (listed.kind !== 'done') {
    held.doubtTries++;
    if (held.doubtTries > 10) return park(hands, held, `its slots cannot be listed: ${listed.fault.message}`);
    return { kind: 'again', afterMs: listed.fault.retryAfterMs ?? 1000, why: listed.fault.message };
  }
  const slots = listed.value.map((s) => s.slot);
  await move(hands, held, 'sealed', { version: nextVersion(item), slots, lines: [note(hands, 'item', item, { slots })] });
  return next;
}

/** One call, never repeated by itself. The value is in the escrow before the call returns. */
export async function issueSlot(hands: LaneHands, held: Held): Promise<Outcome<void>> {
  const { connection } = hands;
  if (!can(connection, 'dualSecret')) return { kind: 'refused', fault: { code: 'unsupported', message: 'no second slot here' } };
  const issued = await paced(hands, held, () => {
    hands.assertHeld();
    return connection.dualSecret.issue(
      held.item.ref,
      {
        seal: async (slot, bytes) => {
          const version = held.item.version as number; // set with `sealed`, which every minting item has passed
          const sealed = await hands.escrow.seal(hands.claim, held.item.account, version, bytes);
          await move(hands, held, held.item.state, { seal: { version, sealed, slot } });
          return keepSealed(hands, held, { version, sealed, slot });
        },
      },
      labelOf(hands, held),
    );
  });
  return issued.kind === 'done' ? { kind: 'done', value: undefined } : issued;
}

/** The value arrived and is in the escrow: only its record was lost. */
export function isMinted(held: Held): boolean {
  return held.item.secrets.some((s) => s.origin === 'generated' && s.version === held.item.version && s.slot !== undefined);
}

/**
 * in-doubt → sealed: nobody holds the value the target may have made, so it can only be taken back. By its label where the target keeps one, else
 * whatever was not there before. Nothing is issued again before the target has shown its slots.
 */
export async function withdrawOrphan(hands: LaneHands, held: Held): Promise<StepEnd> {
  const { connection } = hands;
  const { item } = held;
  if (!can(connection, 'dualSecret')) return park(hands, held, 'in doubt: the connector cannot list slots');
  const listed = await paced(hands, held, () => connection.dualSecret.list(item.ref));
  if (listed.kind !== 'done') return stillInDoubt(hands, held, listed.fault.message);
  const label = labelOf(hands, held);
  const labelled = listed.value.some((s) => s.label !== undefined);
  const orphans = listed.value.filter((s) => (labelled ? s.label === label : !item.slots.includes(s.slot)));
  for (const { slot } of orphans) {
    hands.assertHeld();
    const retired = await paced(hands, held, () => connection.dualSecret.retire(item.ref, slot));
    if (retired.kind !== 'done')
      return stillInDoubt(hands, held, `the slot ${slot} of a lost answer could not be retired: ${retired.fault.message}`);
  }
  await move(hands, held, 'sealed', { lines: [note(hands, 'item', item, { orphans: orphans.map((s) => s.slot) })] });
  return next;
}

async function stillInDoubt(hands: LaneHands, held: Held, why: string): Promise<StepEnd> {
  held.doubtTries++;
  if (held.doubtTries >= 8) return park(hands, held, `in doubt: ${why}`);
  await move(hands, held, 'in-doubt', { error: why });
  return { kind: 'again', afterMs: Math.min(30_000, 500 * 2 ** held.doubtTries), why };
}
