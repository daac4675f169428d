// The capabilities of a twin that change something: set, contain, end sessions, mint and retire slots.
import { type Capabilities, done, type PasswordPolicy, refused, type Secret } from '../../kit/kit.ts';
import { callAccount, nothing } from './call.ts';
import type { TwinConfig } from './config.ts';
import { brokenRule } from './policy.ts';
import { chance, initialSecret } from './seeded.ts';
import type { Truth } from './truth.ts';
import type { Wire } from './wire.ts';

export function setSecret(config: TwinConfig, truth: Truth, wire: Wire): Capabilities['setSecret'] {
  return {
    set: (account, secret) =>
      callAccount(wire, truth, 'set', account, ({ index, now, rule }) => {
        if (rule?.kind === 'refuse-policy') return refused('policy', 'the password does not meet the policy', { target: '19' });
        const broken = secret.text((text) => brokenRule(config.policy as PasswordPolicy, text));
        if (broken !== undefined) return refused('policy', `the password does not meet the policy: ${broken}`, { target: '19' });
        const print = printed(truth, index, secret);
        if (reused(config, truth, index, print)) return refused('policy', 'the password was used before', { target: '19' });
        const way = rule?.kind === 'second-value' ? 'add' : rule?.kind === 'stale' ? 'stale' : 'replace';
        truth.commit({ op: 'set', account: account.id, at: now, print, way });
        if (rule?.kind === 'accept-any') truth.commit({ op: 'any', account: account.id, at: now });
        return nothing;
      }),
  };
}

function printed(truth: Truth, index: number, secret: Secret): number {
  return secret.use((bytes) => truth.print(index, bytes));
}

/** The current value again is always allowed: a repeated set is safe. */
function reused(config: TwinConfig, truth: Truth, index: number, print: number): boolean {
  return (config.policy.history ?? 0) > 0 && print === truth.previous(index) && print !== truth.current(index);
}

export function contain(truth: Truth, wire: Wire): Capabilities['contain'] {
  const turn = (op: 'block' | 'unblock'): Capabilities['contain']['block'] => {
    return (account) =>
      callAccount(wire, truth, 'contain', account, ({ now }) => {
        truth.commit({ op, account: account.id, at: now });
        return nothing;
      });
  };
  return { block: turn('block'), unblock: turn('unblock') };
}

export function sessions(truth: Truth, wire: Wire): Capabilities['sessions'] {
  return {
    list: (account) =>
      callAccount(wire, truth, 'sessions', account, ({ index }) =>
        done(truth.sessions(index).map(({ id, at }) => ({ id, startedAt: new Date(at), from: '192.0.2.10', own: false }))),
      ),
    end: (account, before) =>
      callAccount(wire, truth, 'sessions', account, ({ index, now }) => {
        const open = truth.sessions(index).length;
        if (open > 0) truth.commit({ op: 'end', account: account.id, at: now, before: before.getTime() });
        const left = truth.sessions(index).length;
        return done({ ended: open - left, left });
      }),
  };
}

/** At most two slots live, as with access keys of the large clouds. */
export function dualSecret(config: TwinConfig, truth: Truth, wire: Wire, system: string): Capabilities['dualSecret'] {
  const noSlots = (): ReturnType<typeof refused> => refused('unsupported', 'this system holds one secret per account', { target: '405' });
  return {
    list: (account) =>
      callAccount(wire, truth, 'list', account, ({ index }) =>
        done(truth.slots(index).map(({ slot, at }) => ({ slot, createdAt: new Date(at) }))),
      ),
    async issue(account, sealer) {
      if (!config.dual) return noSlots();
      let minted: Uint8Array | undefined;
      const outcome = await callAccount(wire, truth, 'issue', account, ({ index, now }) => {
        if (truth.slots(index).length >= 2) return refused('conflict', 'two slots are in use: retire one first', { target: '409' });
        minted = Buffer.from(initialSecret(`${config.seed} ${chance(config.seed, truth.writes(index))}`, system, account.id));
        truth.commit({ op: 'issue', account: account.id, at: now, print: truth.print(index, minted) });
        return done(truth.slots(index).at(-1)?.slot as string);
      });
      if (outcome.kind !== 'done') return outcome;
      return done({ slot: outcome.value, secret: await sealer.seal(outcome.value, minted as Uint8Array) });
    },
    async retire(account, slot) {
      if (!config.dual) return noSlots();
      return callAccount(wire, truth, 'retire', account, ({ index, now }) => {
        const live = truth.slots(index).map((s) => s.slot);
        if (!live.includes(slot)) return nothing;
        if (live.length === 1) return refused('conflict', 'the last slot of an account cannot be retired', { target: '409' });
        truth.commit({ op: 'retire', account: account.id, at: now, slot });
        return nothing;
      });
    },
  };
}
