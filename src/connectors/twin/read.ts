// The capabilities of a twin that only look: inventory, policy, state, lockout, checks.
import { type Capabilities, type Check, done, type Found, type Lockout, type PasswordPolicy, refused } from '../../kit/kit.ts';
import { call, callAccount } from './call.ts';
import type { TwinConfig } from './config.ts';
import type { Truth } from './truth.ts';
import type { Wire } from './wire.ts';

export function inventory(truth: Truth, wire: Wire): Capabilities['inventory'] {
  const foundAt = (index: number): Found => {
    const found = truth.people.at(index);
    return { ...found, enabled: !truth.isBlocked(index), changedAt: new Date(truth.changedAt(index)) };
  };
  return {
    page: ({ cursor, limit }) =>
      call(wire, 'inventory', undefined, () => {
        const start = Number(cursor ?? 0);
        if (!Number.isInteger(start) || start < 0)
          return refused('protocol', 'the page cursor is not one of this system', { target: '400' });
        const end = Math.min(start + limit, truth.people.size);
        const items = Array.from({ length: Math.max(0, end - start) }, (_, n) => foundAt(start + n));
        return done(end < truth.people.size ? { items, next: String(end) } : { items });
      }),
  };
}

export function passwordPolicy(config: TwinConfig, wire: Wire): Capabilities['passwordPolicy'] {
  return { read: (account) => call(wire, 'policy', account, () => done(config.policy as PasswordPolicy)) };
}

export const replicaNames = (config: TwinConfig): string[] => Array.from({ length: config.replicas.count }, (_, n) => `node-${n + 1}`);

/** Writes go to node-1; the others follow `lagMs` later. */
export function lagOf(config: TwinConfig, replica: string): number | undefined {
  const n = replicaNames(config).indexOf(replica);
  return n < 0 ? undefined : n === 0 ? 0 : config.replicas.lagMs;
}

export function state(config: TwinConfig, truth: Truth, wire: Wire): Capabilities['state'] {
  return {
    replicas: async () => replicaNames(config),
    read: (account, replica) =>
      callAccount(wire, truth, 'state', account, ({ index, now, rule }) => {
        const lag = lagOf(config, replica);
        if (lag === undefined) return refused('not-found', `no replica ${replica} here`, { target: '404' });
        const writes = truth.writes(index);
        const usable = !truth.isBlocked(index) && !truth.isLocked(index, now);
        if (rule?.kind === 'stale' || (lag > 0 && truth.lags(index, lag, now)))
          return done({ now: new Date(now), marker: `${writes - 1}@`, values: 1, usable });
        const at = truth.changedAt(index);
        return done({ changedAt: new Date(at), now: new Date(now), marker: `${writes}@${at}`, values: truth.slots(index).length, usable });
      }),
  };
}

export function lockout(config: TwinConfig, truth: Truth, wire: Wire): Capabilities['lockout'] {
  return {
    read: (account) =>
      callAccount(wire, truth, 'lockout', account, ({ index, now }) => {
        if (config.lockout === undefined) return done<Lockout>({ threshold: 0, failures: 0, resetsOnSuccess: true });
        const { threshold, windowSeconds } = config.lockout;
        return done({ threshold, failures: truth.failures(index, now), resetsOnSuccess: true, windowSeconds });
      }),
  };
}

export function check(config: TwinConfig, truth: Truth, wire: Wire): Capabilities['check'] {
  return {
    async *run(): AsyncIterable<Check> {
      const reached = await call(wire, 'check', undefined, () => done(undefined));
      if (reached.kind !== 'done') {
        yield {
          id: 'reach',
          verdict: 'fail',
          message: reached.fault.message,
          next: 'Check that the system is up and that its address in the estate file is right.',
        };
        return;
      }
      yield { id: 'reach', verdict: 'ok', message: `a simulated system with ${truth.people.size} accounts` };
      yield { id: 'rights', verdict: 'ok', message: 'may list, reset, block and unblock every account' };
      yield {
        id: 'policy',
        verdict: 'ok',
        message:
          config.policy.minLength === undefined ? 'no password policy' : `passwords of ${config.policy.minLength} characters or more`,
      };
      yield { id: 'replicas', verdict: 'ok', message: replicaNames(config).join(', ') };
    },
  };
}
