// A login at a twin: the verdict comes from the truth, the lockout counts like a real one.

import type { Where } from '../../domain/verdict.ts';
import type { AccountRef, Capabilities, Probed, Secret } from '../../kit/kit.ts';
import type { TwinConfig } from './config.ts';
import { lagOf, replicaNames } from './read.ts';
import type { Truth } from './truth.ts';
import type { Arrival, Wire } from './wire.ts';

const unknown = (code: string): Probed => ({ verdict: 'indeterminate', code });

export function probe(config: TwinConfig, truth: Truth, wire: Wire): Capabilities['probe'] {
  const paths: readonly Where[] = config.paths.flatMap((path) => replicaNames(config).map((replica) => ({ path, replica })));
  return {
    paths: async () => paths,
    async attempt(account, secret, where) {
      if (secret.use((bytes) => bytes.length) === 0) return unknown('EMPTY');
      const lag = config.paths.includes(where.path) ? lagOf(config, where.replica) : undefined;
      if (lag === undefined) return unknown('NO_SUCH_PATH');
      const arrival = wire.arrive('probe', account);
      if (arrival.kind === 'stopped')
        return arrival.retryAfterMs === undefined
          ? unknown(arrival.target)
          : { ...unknown(arrival.target), retryAfterMs: arrival.retryAfterMs };
      const { rule } = arrival;
      if (rule?.kind === 'lose-request') return unknown('ECONNRESET');
      const probed = login(config, truth, wire.now(), { account, secret, lag, rule });
      const reply = wire.reply('probe');
      if (reply !== true && !(await reply)) return unknown('ETIMEDOUT');
      return rule?.kind === 'swallow-reply' ? unknown('ECONNRESET') : probed;
    },
  };
}

type Attempt = {
  readonly account: AccountRef;
  readonly secret: Secret;
  readonly lag: number;
  readonly rule: (Arrival & { kind: 'arrived' })['rule'];
};

function login(config: TwinConfig, truth: Truth, now: number, attempt: Attempt): Probed {
  const { account, secret, lag, rule } = attempt;
  const index = truth.people.indexOf(account.id);
  if (index < 0) return unknown('NO_SUCH_ACCOUNT');
  // A locked account is turned away before its password is looked at, so the answer says nothing about the password.
  if (truth.isLocked(index, now)) return unknown('LOCKED');
  const print = secret.use((bytes) => truth.print(index, bytes));
  const opens =
    rule?.kind === 'accept-any' || (rule?.kind === 'stale' ? print === truth.previous(index) : truth.opens(index, print, lag, now));
  if (!opens) {
    countFailure(config, truth, index, now);
    return { verdict: 'rejected', code: 'INVALID_CREDENTIALS' };
  }
  if (truth.isBlocked(index)) return { verdict: 'blocked', code: 'DISABLED' };
  if (config.lockout !== undefined && truth.failures(index, now) > 0) truth.commit({ op: 'ok', account: account.id, at: now });
  return { verdict: 'accepted', code: 'OK' };
}

function countFailure(config: TwinConfig, truth: Truth, index: number, now: number): void {
  if (config.lockout === undefined) return;
  const { threshold } = config.lockout;
  const locks = threshold > 0 && truth.failures(index, now) + 1 >= threshold;
  truth.commit({ op: 'fail', account: truth.people.idAt(index), at: now, locks });
}
