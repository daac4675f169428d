// Targets in memory that hold several live values: one that is told its values (overlap), one that makes them (dual slots), with lost answers on demand.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import {
  type AccountRef,
  type Capabilities,
  type Connection,
  defineConnector,
  done,
  indeterminate,
  type Outcome,
  type Secret,
  type Slot,
} from '../../src/kit/kit.ts';
import { pathSupports } from '../../src/kit/roles.ts';

type Stored = { readonly slot: string; readonly value: string; readonly label?: string };

/** `lose`: the next write (or mint) is applied, and its answer lost; `fail`: it never arrives, and nobody can tell. */
export class SlotTarget {
  readonly #accounts = new Map<string, Stored[]>();
  readonly calls: string[] = [];
  next: 'answer' | 'lose' | 'fail' = 'answer';

  put(account: string, value: string): void {
    this.#accounts.set(account, [{ slot: 'first', value }]);
  }

  names(): string[] {
    return [...this.#accounts.keys()];
  }

  values(account: string): readonly string[] {
    return this.#stored(account).map((s) => s.value);
  }

  slots(account: string): readonly Stored[] {
    return this.#stored(account);
  }

  #stored(account: string): Stored[] {
    return this.#accounts.get(account) ?? [];
  }

  write<T>(name: string, apply: () => T): Outcome<T> {
    this.calls.push(name);
    const fate = this.next;
    this.next = 'answer';
    if (fate === 'fail') return indeterminate('unreachable', 'no answer');
    const value = apply();
    return fate === 'lose' ? indeterminate('unreachable', 'no answer') : done(value);
  }

  replace(account: string, stored: readonly Stored[]): void {
    this.#accounts.set(account, [...stored]);
  }
}

const textOf = (secret: Secret): string => secret.text((text) => text);
const base = { ...pathSupports, inventory: true, lockout: true, probe: true } as const;

function common(target: SlotTarget): Pick<Capabilities, 'inventory' | 'lockout' | 'probe'> & AsyncDisposable {
  return {
    inventory: {
      page: async () =>
        done({ items: target.names().map((id) => ({ id, name: id, kind: 'service', enabled: true, privileged: false, facts: {} })) }),
    },
    lockout: { read: async () => done({ threshold: 0, failures: 0, resetsOnSuccess: true }) },
    probe: {
      paths: async () => [{ path: 'login', replica: 'memory' }],
      attempt: async (account, secret) =>
        textOf(secret) === ''
          ? { verdict: 'indeterminate', code: 'empty' }
          : target.values(account.id).includes(textOf(secret))
            ? { verdict: 'accepted', code: '0' }
            : { verdict: 'rejected', code: '49' },
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** We choose the value; the old one stays beside it until the overlap is closed. */
export function overlapConnection(target: SlotTarget) {
  const put = (account: AccountRef, secret: Secret, keep: boolean) => () => {
    const value = textOf(secret);
    const others = keep ? target.slots(account.id).filter((s) => s.value !== value) : [];
    target.replace(account.id, [...others, { slot: value.slice(0, 4), value }]);
  };
  return {
    ...common(target),
    setSecret: { set: async (account: AccountRef, secret: Secret) => target.write('set', put(account, secret, false)) },
    overlap: {
      open: async (account: AccountRef, secret: Secret) => target.write('open', put(account, secret, true)),
      close: async (account: AccountRef, secret: Secret) => target.write('close', put(account, secret, false)),
    },
  } satisfies Connection;
}

/** The target makes the value. */
export function mintConnection(target: SlotTarget) {
  return {
    ...common(target),
    dualSecret: {
      list: async (account: AccountRef): Promise<Outcome<readonly Slot[]>> =>
        done(target.slots(account.id).map(({ slot, label }) => ({ slot, ...(label === undefined ? {} : { label }) }))),
      issue: async (account, sealer, label) => {
        const value = randomBytes(12).toString('base64url');
        const slot = `slot-${randomBytes(4).toString('hex')}`;
        const minted = target.write('issue', () => {
          target.replace(account.id, [...target.slots(account.id), { slot, value, label }]);
        });
        return minted.kind === 'done' ? done({ slot, secret: await sealer.seal(slot, Buffer.from(value)) }) : minted;
      },
      retire: async (account: AccountRef, slot: string) =>
        target.write('retire', () => {
          target.replace(
            account.id,
            target.slots(account.id).filter((s) => s.slot !== slot),
          );
        }),
    },
  } satisfies Connection;
}

const shared = {
  title: 'Several slots',
  role: 'system',
  config: z.strictObject({ size: z.number().optional() }),
  permissions: {},
  derivatives: [],
  pace: { perSecond: 100, concurrency: 8, setMs: 1, probeMs: 1 },
} as const;

export const overlapConnector = (target: SlotTarget) =>
  defineConnector({
    ...shared,
    id: 'overlapping',
    supports: { ...base, setSecret: true, overlap: true },
    open: async () => overlapConnection(target),
  });

export const mintConnector = (target: SlotTarget) =>
  defineConnector({
    ...shared,
    id: 'minting',
    supports: { ...base, dualSecret: true },
    open: async () => mintConnection(target),
  });
