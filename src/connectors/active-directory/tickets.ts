// Kerberos tickets taken before a reset. No controller lists or revokes them, but each says when the account last logged on there: so their end is known to the minute.
import { type AccountRef, done, type Outcome, refused, type Session } from '../../kit/kit.ts';
import { type AccountEntry, readAccount } from './account.ts';
import type { TicketPolicy } from './config.ts';
import type { Domain } from './domain.ts';

type Logon = { readonly controller: string; readonly at: Date };
const minuteMs = 60_000;

/**
 * When the last ticket of this account is dead. A ticket is renewed for `maxRenewMinutes` after the logon. A disabled account renews none, so what was
 * alive when it was disabled ends within one ticket's life: that is the disable window.
 */
export function ticketsEnd(logon: Date, disabledAt: Date | undefined, policy: TicketPolicy): Date {
  const skew = policy.maxSkewMinutes * minuteMs;
  const renewed = logon.getTime() + policy.maxRenewMinutes * minuteMs;
  const life = Math.max(policy.maxTicketMinutes, policy.maxServiceMinutes) * minuteMs;
  const end = disabledAt === undefined ? renewed : Math.min(renewed, disabledAt.getTime() + life);
  return new Date(Math.ceil((end + skew) / minuteMs) * minuteMs);
}

export class Tickets {
  readonly #domain: Domain;

  constructor(domain: Domain) {
    this.#domain = domain;
  }

  /** One entry for each controller whose last logon of the account may have left a ticket that is still alive. */
  async list(account: AccountRef): Promise<Outcome<readonly Session[]>> {
    const alive = await this.#alive(account, undefined);
    if (alive.kind !== 'done') return alive;
    return done(
      alive.value.logons.map(({ controller, at }) => ({
        id: `tickets ${controller} ${at.toISOString()}`,
        startedAt: at,
        from: controller,
        own: false,
      })),
    );
  }

  async end(account: AccountRef, before: Date): Promise<Outcome<{ ended: number; left: number; residualMs?: number; byClock?: true }>> {
    const alive = await this.#alive(account, before);
    if (alive.kind !== 'done') return alive;
    const { logons, until, now } = alive.value;
    if (logons.length === 0 || until === undefined) return done({ ended: 0, left: 0 });
    return done({ ended: 0, left: logons.length, residualMs: Math.max(0, until.getTime() - now.getTime()), byClock: true });
  }

  async #alive(
    account: AccountRef,
    before: Date | undefined,
  ): Promise<Outcome<{ readonly logons: readonly Logon[]; readonly until: Date | undefined; readonly now: Date }>> {
    const controllers = await this.#domain.inOrder();
    const logons: Logon[] = [];
    let until: Date | undefined;
    let shown = false;
    let now = this.#domain.io.now();
    for (const [n, controller] of controllers.entries()) {
      const [read, clock] = await Promise.all([readAccount(this.#domain, account, controller), this.#domain.now(controller)]);
      if (read.kind !== 'done') return read;
      const here = clock ?? this.#domain.io.now();
      if (n === 0) now = here;
      const { lastLogon, showsLogon } = read.value;
      shown ||= showsLogon;
      if (lastLogon === undefined) continue;
      // A later logon hides the ones before it: they were at the latest at `before`.
      const at = before !== undefined && lastLogon > before ? before : lastLogon;
      const end = ticketsEnd(at, disabledSince(read.value), this.#domain.settings.tickets);
      if (end <= here) continue;
      logons.push({ controller: controller.url, at });
      if (until === undefined || end > until) until = end;
    }
    if (!shown)
      return refused('permission', `When ${account.name} last logged on cannot be read: grant Rekey's account read on lastLogon.`);
    return done({ logons, until, now });
  }
}

/** The last write of userAccountControl is no earlier than the one that disabled it: the window counts from there. */
const disabledSince = (entry: AccountEntry): Date | undefined => (entry.disabled ? entry.flagged?.at : undefined);
