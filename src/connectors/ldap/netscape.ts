// 389 Directory Server and its kin: the names they have for ids, locks, counts of failed logins, dates and connections.
import type { Session } from '../../kit/kit.ts';
import { normalDn } from '../../protocols/ldap/dn.ts';
import { type Change, type Entry, firstOf, valuesOf } from '../../protocols/ldap/message.ts';
import { fromGeneralizedTime } from '../../protocols/ldap/time.ts';

/** Every entry of such a server has one, also where the entryUUID plugin came later. */
export const isNetscape = (entry: Entry): boolean => firstOf(entry, 'nsUniqueId') !== undefined;

/** Failed logins as one count and the two instants that end it. The server leaves all three standing after they have ended. */
export type FailureCount = { readonly failures: number; readonly forgottenAt?: Date; readonly opensAt?: Date };

export function failureCountOf(entry: Entry): FailureCount {
  const forgottenAt = fromGeneralizedTime(firstOf(entry, 'retryCountResetTime'));
  const opensAt = fromGeneralizedTime(firstOf(entry, 'accountUnlockTime'));
  return {
    failures: Number(firstOf(entry, 'passwordRetryCount') ?? 0),
    ...(forgottenAt === undefined ? {} : { forgottenAt }),
    ...(opensAt === undefined ? {} : { opensAt }),
  };
}

/** 19700101000000Z: never by itself. A reset sets the count to 0 and leaves the instant: without the count it locks nobody. */
export function isLockedByFailures({ failures, opensAt }: FailureCount, maxFailure: number | undefined, now: Date): boolean {
  if (opensAt === undefined || failures < Math.max(maxFailure ?? 1, 1)) return false;
  return opensAt.getTime() === 0 || opensAt > now;
}

/** 19700101000000Z: expired by a reset, to be changed at the next login. `pwdReset` stays TRUE when that is lifted. */
export const mustChangeIn = (entry: Entry): boolean => fromGeneralizedTime(firstOf(entry, 'passwordExpirationTime'))?.getTime() === 0;

const replace = (type: string, ...values: readonly string[]): Change => ({
  op: 'replace',
  type,
  values: values.map((value) => Buffer.from(value)),
});
export const lock: readonly Change[] = [replace('nsAccountLock', 'true')];
export const lockAttributes = ['nsAccountLock', 'accountUnlockTime', 'passwordRetryCount', 'retryCountResetTime'] as const;
/** A lock by failed logins goes with it. */
export const unlock: readonly Change[] = lockAttributes.map((type) => replace(type));
export const noMustChange: Change = replace('passwordExpirationTime');

/**
 * `connection` of cn=monitor: `68:20261122054728Z:2:1:-:uid=p1,dc=test:0:0:0:68:ip=127.0.0.1`. It shows no port, so that ours cannot be told from
 * others; those that probed close within two seconds, and what holds Rekey's own name is no account.
 */
export function connectionsOf(monitor: Entry, url: string): readonly { readonly dn: string; readonly session: Session }[] {
  return valuesOf(monitor, 'connection').flatMap((line) => {
    const [, opened, dn = '', number, ip = ''] = /^\d+:(\d{14}Z):\d+:\d+:[^:]*:(.*):\d+:\d+:\d+:(\d+):ip=(.*)$/s.exec(line) ?? [];
    const startedAt = fromGeneralizedTime(opened);
    if (startedAt === undefined || dn === '' || dn === 'NULLDN') return [];
    return [{ dn: normalDn(dn), session: { id: `${url}#${number}`, startedAt, from: ip, own: false } }];
  });
}
