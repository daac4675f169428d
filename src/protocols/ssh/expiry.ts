// Blocks an account by its expiry date, which closes passwords and keys alike, and gives the date it had back: the date itself says what it was.
import { type AccountRef, type Capabilities, done, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { isExpired, readRecord } from './accounts.ts';
import { clockOf } from './clock.ts';
import { exitOf, firstLine, type Host, ran, unsentAfter } from './host.ts';

/**
 * A blocked account expired in 1978 or later: day 3000 had no date before, day 3001 + n had the date 2026-01-01 + n days. Nobody sets such a date by
 * hand (0 and 1 are what people use), and a crash between block and unblock loses nothing. `usermod -L` is not used: it leaves keys open, makes
 * sshd call the right password wrong, and the next chpasswd undoes it.
 */
const hadNone = 3_000;
const hadDate = 3_001;
const firstDate = 20_454;
const lastDate = 28_000;

/** The expiry day to write for a block; `undefined`: it is blocked already, by us or by somebody else. */
export function blockedDay(expireDay: number | undefined, expired: boolean): number | undefined | 'too-late' {
  if (expired) return undefined;
  if (expireDay === undefined) return hadNone;
  return expireDay > lastDate || expireDay < firstDate ? 'too-late' : hadDate + expireDay - firstDate;
}

/** -1 takes the date away. `undefined`: this date is not one of ours. */
export function restoredDay(expireDay: number | undefined): number | undefined {
  if (expireDay === hadNone) return -1;
  if (expireDay === undefined || expireDay < hadDate || expireDay > hadDate + lastDate - firstDate) return undefined;
  return expireDay - hadDate + firstDate;
}

export function contain(host: Host): Capabilities['contain'] {
  return {
    async block(account) {
      if (account.name === host.user)
        return refused('unsupported', 'this is the account Rekey itself logs in with: blocking it would end the run');
      const record = unsentAfter(await readRecord(host, account));
      if (record.kind !== 'done') return record;
      const now = unsentAfter(await clockOf(host));
      if (now.kind !== 'done') return now;
      const { shadow } = record.value;
      const day = blockedDay(shadow.expireDay, isExpired(shadow, now.value));
      if (day === 'too-late') return refused('unsupported', 'the account expires after 2046-08-29: block it by hand with chage -E');
      return day === undefined ? done(undefined) : write(host, account, day);
    },
    async unblock(account) {
      const record = unsentAfter(await readRecord(host, account));
      if (record.kind !== 'done') return record;
      const day = restoredDay(record.value.shadow.expireDay);
      // A date somebody else set stays: Rekey opens nothing that it did not close.
      return day === undefined ? done(undefined) : write(host, account, day);
    },
  };
}

async function write(host: Host, account: AccountRef, day: number): Promise<Outcome<void>> {
  const exit = exitOf(await host.once({ argv: ['chage', '-E', String(day), account.name], as: 'root' }));
  if (!ran(exit)) return exit;
  if (exit.code === 0) return done(undefined);
  const text = `chage: ${firstLine(exit.err)}`;
  // 1 and 2 are said before anything is written; 15 is a shadow file that is not there.
  return /cannot lock|permission denied|does not exist|invalid/i.test(exit.err)
    ? refused(/cannot lock/i.test(exit.err) ? 'conflict' : 'permission', text, { target: String(exit.code) })
    : indeterminate('protocol', text, { target: String(exit.code) });
}
