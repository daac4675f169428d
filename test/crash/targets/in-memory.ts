// Accounts in memory, for sweeps whose subject is the store beside them: two values at a time, and a session of each consumer opened just now.
import { randomBytes } from 'node:crypto';
import { done } from '../../../src/kit/kit.ts';
import { mintConnection, overlapConnection, SlotTarget } from '../../harness/several-slots.ts';
import { names } from '../io.ts';
import type { CrashTarget } from '../target.ts';

const sessions = {
  list: async () => done([{ id: randomBytes(4).toString('hex'), startedAt: new Date(), from: 'app', own: false }]),
  end: async () => done({ ended: 0, left: 0 }),
};

/** `minting`: the target makes its values. */
export async function start(accounts: number, minting = false): Promise<CrashTarget & { readonly target: SlotTarget }> {
  const target = new SlotTarget();
  const all = names(accounts).map((name) => ({ ref: { id: name, name }, old: `0ld-value-of-${name}` }));
  for (const { ref, old } of all) target.put(ref.id, old);
  return {
    target,
    accounts: all,
    open: async () => ({ ...(minting ? mintConnection(target) : overlapConnection(target)), sessions }),
    accepts: ({ ref }, text) => target.values(ref.id).includes(text),
    stop: async () => undefined,
  };
}
