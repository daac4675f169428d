// planned → sealed: a new value the target's policy allows, committed and read back before anything is sent.

import { can } from '../kit/connector.ts';
import { type Held, type LaneHands, move, next, paced, park, type StepEnd, stop } from './lane-hands.ts';
import type { SealedSecret } from './port.ts';

export async function sealCandidate(hands: LaneHands, held: Held): Promise<StepEnd> {
  const { item } = held;
  const { connection } = hands;
  if (!can(connection, 'setSecret')) return containOnly(hands, held);
  const made = hands.escrow.generate(item.ref.system, hands.policies);
  if ('conflict' in made) {
    await move(hands, held, 'failed', { open: false, error: `no value can satisfy the policies: ${made.conflict}` });
    return stop;
  }
  const version = 1 + item.secrets.reduce((top, s) => (s.origin === 'generated' ? Math.max(top, s.version) : top), 0);
  const sealed = await hands.escrow.seal(hands.claim, item.account, version, made.value);
  await move(hands, held, 'sealed', { version, seal: { version, sealed } });
  const row: SealedSecret = {
    origin: 'generated',
    version,
    state: 'candidate',
    dataKey: hands.claim.dataKey,
    sealed,
    sealedAt: hands.now(),
  };
  held.item = { ...held.item, secrets: [...item.secrets, row] };
  // Opened from the sealed bytes, not kept from the generator: what is sent is what the escrow can give back.
  held.candidate = await hands.escrow.open(item.account, row);
  return next;
}

/** planned → contained: a secret that cannot be reset here is put out of use by blocking its account. It stays blocked. */
async function containOnly(hands: LaneHands, held: Held): Promise<StepEnd> {
  const { connection } = hands;
  if (!can(connection, 'contain')) {
    await move(hands, held, 'failed', { open: false, error: 'the connector can neither set this secret nor block its account' });
    return stop;
  }
  const blocked = await paced(hands, () => {
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
