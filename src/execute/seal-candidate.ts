// planned → sealed: a new value the target's policy allows, committed and read back before anything is sent.

import { can } from '../kit/connector.ts';
import type { Secret } from '../kit/secret.ts';
import { type Held, type LaneHands, next, paced, type StepEnd, stop } from './lane-hands.ts';
import { move, note, park } from './move.ts';
import type { SealedSecret, WorkItem } from './port.ts';

export async function sealCandidate(hands: LaneHands, held: Held): Promise<StepEnd> {
  const { item } = held;
  const made = await makeValue(hands, item);
  if ('why' in made) {
    if (made.retry === undefined || held.doubtTries > 10) {
      await move(hands, held, 'failed', { open: false, error: made.why });
      return stop;
    }
    held.doubtTries++;
    return { kind: 'again', afterMs: made.retry, why: made.why };
  }
  const before = item.shared === undefined ? undefined : await sealedBefore(hands, item, made.value);
  if (before !== undefined) return takeAgain(hands, held, before);
  const version = nextVersion(item);
  const sealed = await hands.escrow.seal(hands.claim, item.account, version, made.value);
  await move(hands, held, 'sealed', { version, seal: { version, sealed }, lines: sharedLines(hands, item) });
  await keepSealed(hands, held, { version, sealed });
  return next;
}

type Made = { readonly value: Uint8Array } | { readonly why: string; readonly retry?: number };

async function makeValue(hands: LaneHands, item: WorkItem): Promise<Made> {
  const { connection } = hands;
  if (item.shared !== undefined) return { value: await hands.escrow.derive(hands.claim, item.shared) };
  if (!can(connection, 'secretForm')) {
    const made = hands.escrow.generate(item.ref.system, hands.policies);
    return 'conflict' in made ? { why: `no value can satisfy the policies: ${made.conflict}` } : made;
  }
  const fresh = await connection.secretForm.fresh(item.ref);
  if (fresh.kind === 'done') return fresh;
  return { why: `no value could be made: ${fresh.fault.message}`, retry: fresh.fault.retryAfterMs ?? 1000 };
}

/** A shared value made again is the one sealed before: one value is one row of the escrow, or proof would take it for an old one. */
async function sealedBefore(hands: LaneHands, item: WorkItem, value: Uint8Array): Promise<SealedSecret | undefined> {
  for (const row of item.secrets) {
    if (row.origin !== 'generated' || row.dataKey !== hands.claim.dataKey || row.slot !== undefined) continue;
    const secret = await hands.escrow.open(item.account, row);
    if (secret.use((bytes) => Buffer.compare(bytes, value) === 0)) return row;
  }
  return undefined;
}

async function takeAgain(hands: LaneHands, held: Held, row: SealedSecret): Promise<StepEnd> {
  const { item } = held;
  const again: SealedSecret = { ...row, state: 'candidate' };
  held.candidate = await hands.escrow.open(item.account, row);
  const secrets = [{ origin: row.origin, version: row.version, state: again.state }];
  await move(hands, held, 'sealed', { version: row.version, secrets, lines: sharedLines(hands, item) });
  held.item = { ...held.item, secrets: held.item.secrets.map((s) => (s === row ? again : s)) };
  return next;
}

function sharedLines(hands: LaneHands, item: WorkItem): readonly string[] {
  return item.shared === undefined ? [] : [note(hands, 'item', item, { shared: item.shared.group, person: item.shared.person })];
}

export function nextVersion(item: WorkItem): number {
  return 1 + item.secrets.reduce((top, s) => (s.origin === 'generated' ? Math.max(top, s.version) : top), 0);
}

/** Opened from the sealed bytes, not kept from their maker: what is sent is what the escrow can give back. */
export async function keepSealed(
  hands: LaneHands,
  held: Held,
  made: { readonly version: number; readonly sealed: Uint8Array; readonly slot?: string },
): Promise<Secret> {
  const row: SealedSecret = { ...made, origin: 'generated', state: 'candidate', dataKey: hands.claim.dataKey, sealedAt: hands.now() };
  held.item = { ...held.item, secrets: [...held.item.secrets, row] };
  held.candidate = await hands.escrow.open(held.item.account, row);
  return held.candidate;
}

/** planned → contained: a secret that cannot be reset here is put out of use by blocking its account. It stays blocked. */
export async function containOnly(hands: LaneHands, held: Held): Promise<StepEnd> {
  const { connection } = hands;
  if (!can(connection, 'contain')) {
    await move(hands, held, 'failed', { open: false, error: 'the connector can neither set this secret nor block its account' });
    return stop;
  }
  const blocked = await paced(hands, held, () => {
    hands.assertHeld();
    return connection.contain.block(held.item.ref);
  });
  if (blocked.kind !== 'done') {
    held.doubtTries++;
    if (held.doubtTries > 10) return park(hands, held, `could not be blocked: ${blocked.fault.message}`);
    return { kind: 'again', afterMs: blocked.fault.retryAfterMs ?? 1000, why: blocked.fault.message };
  }
  await move(hands, held, 'contained', { open: false, error: 'cannot be reset here: the account is blocked' });
  return stop;
}
