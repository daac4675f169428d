// When a notice may go out: at once, gathered with others, or after the night. Tier 0 does not wait for the morning.

export type Pace = {
  readonly digestMinutes: number;
  readonly quietHours?: { readonly from: string; readonly to: string };
  readonly timezone: string;
};

export function dueAt(now: Date, notice: { readonly urgent: boolean; readonly tier0: boolean }, pace: Pace): Date {
  const due = notice.urgent ? now : new Date(now.getTime() + pace.digestMinutes * 60_000);
  return notice.urgent && notice.tier0 ? due : afterQuiet(due, pace);
}

const minute = 60_000;

/** The first whole minute from `at` on that is not quiet; `at` itself when it is not. Walks minutes, so that a change of clocks needs no rule of its own. */
export function afterQuiet(at: Date, { quietHours, timezone }: Pace): Date {
  if (quietHours === undefined || quietHours.from === quietHours.to) return at;
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const { from, to } = quietHours;
  const quiet = (time: string): boolean => (from < to ? time >= from && time < to : time >= from || time < to);
  if (!quiet(clock.format(at))) return at;
  let next = Math.floor(at.getTime() / minute) * minute;
  do next += minute;
  while (quiet(clock.format(next)));
  return new Date(next);
}

/** UTC first, for the log and the phone call; then the reader's own clock. */
export function bothClocks(iso: string, timezone: string): string {
  const at = new Date(iso);
  const utc = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (timezone === 'UTC') return utc;
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' }).format(at);
  return `${utc} (${local} ${timezone})`;
}
