// planned → sealed: a new value the target's policy allows, committed and read back before anything is sent.

import { type Held, type LaneHands, move, next, type StepEnd, stop } from './lane-hands.ts';
import type { SealedSecret } from './port.ts';

export async function sealCandidate(hands: LaneHands, held: Held): Promise<StepEnd> {
  const { item } = held;
  const made = hands.escrow.generate(item.ref.system, hands.policies);
  if ('conflict' in made) {
    await move(hands, held, 'failed', { open: false, error: `no value can satisfy the policies: ${made.conflict}` });
    return stop;
  }
  const version = 1 + item.secrets.reduce((top, s) => (s.origin === 'generated' ? Math.max(top, s.version) : top), 0);
  const sealed = await hands.escrow.seal(hands.claim, item.account, version, made.value);
  await move(hands, held, 'sealed', { version, seal: { version, sealed } });
  const row: SealedSecret = { origin: 'generated', version, state: 'candidate', dataKey: hands.claim.dataKey, sealed };
  held.item = { ...held.item, secrets: [...item.secrets, row] };
  // Opened from the sealed bytes, not kept from the generator: what is sent is what the escrow can give back.
  held.candidate = await hands.escrow.open(item.account, row);
  return next;
}
