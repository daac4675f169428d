// A directory in memory whose ticket key has generations: how many it keeps, which replica is behind, what is lost, and where its caller dies.
import { z } from 'zod';
import {
  type AccountRef,
  defineConnector,
  done,
  indeterminate,
  type Outcome,
  type Probed,
  refused,
  type Secret,
} from '../../src/kit/kit.ts';
import { pathSupports } from '../../src/kit/roles.ts';

export type KeyTarget = {
  /** Older generations that it still honours: Windows one, Samba two. */
  kept: number;
  lifeMs: number;
  /** The generation each replica has received; the first takes the resets. */
  readonly replicas: Map<string, number>;
  /** A replica that receives nothing until it is taken out again. */
  readonly stuck: Set<string>;
  resets: number;
  /** `lose`: applied, the answer is lost; `fail`: never arrives, and nobody can tell; `refuse`: certainly unchanged. */
  next: 'answer' | 'lose' | 'fail' | 'refuse';
  /** Called at the named moment; a promise that never resolves is a process that died there. */
  moment: (at: 'before present' | 'before reset' | 'after reset') => Promise<void>;
  acceptsAnything: boolean;
};

export const keyTarget = (more: Partial<KeyTarget> = {}): KeyTarget => ({
  kept: 1,
  lifeMs: 0,
  replicas: new Map([
    ['dc1', 5],
    ['dc2', 5],
  ]),
  stuck: new Set(),
  resets: 0,
  next: 'answer',
  moment: async () => {},
  acceptsAnything: false,
  ...more,
});

const textOf = (secret: Secret): string => secret.text((text) => text);

export const keyConnector = (target: KeyTarget) => {
  const primary = (): number => target.replicas.get('dc1') ?? 0;
  const reset = async (_account: AccountRef, expected: number): Promise<Outcome<number>> => {
    await target.moment('before reset');
    const fate = target.next;
    target.next = 'answer';
    if (fate === 'refuse') return refused('permission', 'insufficient rights');
    if (fate === 'fail') return indeterminate('unreachable', 'no answer');
    if (primary() !== expected) return refused('conflict', `generation ${primary()}, not ${expected}: somebody reset it meanwhile`);
    target.resets++;
    for (const replica of target.replicas.keys()) if (!target.stuck.has(replica)) target.replicas.set(replica, expected + 1);
    await target.moment('after reset');
    return fate === 'lose' ? indeterminate('unreachable', 'no answer') : done(expected + 1);
  };
  const present = async (_account: AccountRef, witness: Secret, replica: string): Promise<Probed> => {
    await target.moment('before present');
    if (target.acceptsAnything) return { verdict: 'accepted', code: '0' };
    const issued = Number(/^ticket (\d+)$/.exec(textOf(witness))?.[1] ?? Number.NaN);
    const now = target.replicas.get(replica) ?? 0;
    return issued >= now - target.kept ? { verdict: 'accepted', code: '0' } : { verdict: 'rejected', code: 'key-gone' };
  };
  return defineConnector({
    id: 'keyed',
    title: 'A directory with a ticket key',
    role: 'system',
    config: z.strictObject({}),
    supports: { ...pathSupports, inventory: true, probe: true, setSecret: true },
    generationsFor: () => true,
    permissions: {},
    derivatives: [],
    pace: { perSecond: 100, concurrency: 8, setMs: 1, probeMs: 1 },
    open: async () => ({
      inventory: {
        page: async () =>
          done({
            items: [
              {
                id: 'krbtgt',
                name: 'krbtgt',
                kind: 'service' as const,
                enabled: true,
                privileged: true,
                generations: { resets: 3, waitMs: target.lifeMs },
                facts: {},
              },
            ],
          }),
      },
      setSecret: { set: async () => refused('unsupported', 'a key with generations is set by nobody') },
      probe: { paths: async () => [], attempt: async () => ({ verdict: 'indeterminate' as const, code: '0' }) },
      generations: {
        most: 3,
        read: async () => done([...target.replicas].map(([replica, generation]) => ({ replica, generation }))),
        reset,
        witness: async (_account: AccountRef, kind: 'real' | 'nonsense') =>
          done(Buffer.from(kind === 'real' ? `ticket ${primary()}` : 'spoilt')),
        present,
        lifeMs: async () => done(target.lifeMs),
      },
      async [Symbol.asyncDispose]() {},
    }),
  });
};
