// Open sessions of a user as Dovecot itself lists them (doveadm who), and their end (doveadm kick), read back until they are gone.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountRef, type Capabilities, done, type Io, type Outcome, refused, type Session } from '../../kit/kit.ts';
import { userOf } from '../../kit/settings.ts';
import { type Limits, limitsOf } from '../../protocols/tcp/dial.ts';
import type { Config } from './config.ts';
import { doveadm } from './doveadm.ts';

/** A service restarts no process of its own accord within this: what is still listed then was not ended. */
const settleMs = 2_000;
const pauseMs = 50;

export function sessions(settings: Config, io: Io): Capabilities['sessions'] {
  const nameOf = (account: AccountRef): Outcome<string> => {
    const name = userOf(settings.user, account);
    // doveadm takes a mask: a star in a name would end the sessions of others.
    return /[*?\p{Cc}]/u.test(name) || name === '' ? refused('unsupported', 'doveadm would read this name as a mask') : done(name);
  };
  // Once for the connection: read anew each time, one and the same start would come out a clock tick earlier or later.
  let boot: Promise<number> | undefined;
  const listed = async (account: AccountRef, limits: Limits): Promise<Outcome<readonly Session[]>> => {
    const name = nameOf(account);
    if (name.kind !== 'done') return name;
    const printed = await doveadm(settings.doveadm, ['-f', 'tab', 'who', '-1', '--', name.value], limits);
    if (printed.kind !== 'done') return printed;
    if (printed.value.code !== 0)
      return refused('permission', `doveadm who ended with ${printed.value.code}: may this user talk to the anvil socket of Dovecot?`, {
        target: `exit-${printed.value.code}`,
      });
    const rows = rowsOf(printed.value.text, name.value);
    if (rows === undefined) return refused('protocol', 'doveadm who printed something else than sessions', { target: 'EPROTO' });
    boot ??= bootedAt();
    const since = await boot;
    return done(
      await Promise.all(rows.map(async (row, n) => ({ ...row, id: `${row.id}/${n}`, startedAt: await startOf(row.pid, since) }))),
    );
  };
  return {
    grainMs: 50,
    list: (account) => listed(account, limitsOf(io)),
    async end(account, before) {
      const limits = limitsOf(io);
      const first = await listed(account, limits);
      if (first.kind !== 'done') return first;
      const old = first.value.filter(({ startedAt }) => startedAt < before);
      const name = nameOf(account);
      if (old.length === 0 || name.kind !== 'done') return done({ ended: 0, left: 0 });
      // It knows users and addresses, no single session: one that began after the change ends as well, and its client comes back.
      const kicked = await doveadm(settings.doveadm, ['kick', '--', name.value], limits);
      if (kicked.kind !== 'done') return kicked;
      for (const until = Math.min(limits.until, performance.now() + settleMs); ; await sleep(pauseMs)) {
        const now = await listed(account, limits);
        if (now.kind !== 'done') return now;
        const left = now.value.filter(({ startedAt }) => startedAt < before).length;
        if (left === 0 || performance.now() > until) return done({ ended: Math.max(0, old.length - left), left });
      }
    },
  };
}

type Row = { readonly id: string; readonly pid: number; readonly from: string; readonly own: false };

/** `undefined` = not what doveadm who prints. Names are compared in lower case, as Dovecot itself writes them. */
export function rowsOf(text: string, name: string): readonly Row[] | undefined {
  const [head = '', ...lines] = text.split('\n');
  const columns = head.split('\t');
  const at = (field: string): number => columns.indexOf(field);
  const [user, proto, pid, ip] = [at('username'), at('proto'), at('pid'), at('ip')];
  if (Math.min(user, proto, pid, ip) < 0) return undefined;
  return lines
    .map((line) => line.split('\t'))
    .filter((fields) => fields[user]?.toLowerCase() === name.toLowerCase())
    .map((fields) => ({ id: `${fields[proto]}/${fields[pid]}`, pid: Number(fields[pid]), from: fields[ip] ?? '', own: false }));
}

/** USER_HZ of every Linux that Node runs on. */
const ticksPerSecond = 100;

/**
 * The start of the process that serves the session: never later than the session's own. Where that process cannot be seen (another machine, a
 * container), a session counts as older than any change.
 */
async function startOf(pid: number, boot: number): Promise<Date> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const [, command = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
  const ticks = Number(rest.split(' ')[19]);
  if (!/^(?:imap|pop3|managesieve|submission|lmtp)/.test(command) || !Number.isFinite(ticks) || !Number.isFinite(boot)) return new Date(0);
  return new Date(boot + (ticks / ticksPerSecond) * 1000);
}

/** When this machine started, ms since 1970; NaN where it does not tell. */
async function bootedAt(): Promise<number> {
  const uptime = Number((await readFile('/proc/uptime', 'latin1').catch(() => '')).split(' ')[0]);
  return uptime > 0 ? Date.now() - uptime * 1000 : Number.NaN;
}
