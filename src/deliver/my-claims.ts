// What waits for one person, in the words of the list and of the pages. Reading it changes nothing: no GET ever uses up a reveal.
import type { Paged } from '../domain/view.ts';
import { type ClaimRules, closesAt, stateOf } from './claim.ts';
import type { Claimable, ClaimCounts, ClaimRow, ClaimState, ClaimStore } from './claim-port.ts';
import type { Caller } from './port.ts';

export type ClaimView = {
  readonly system: string;
  readonly account: string;
  /** The target's own name of the account, for a URL that means this one only. */
  readonly id: string;
  /** What is typed beside the secret. */
  readonly login: string;
  readonly service: boolean;
  readonly version: number;
  readonly state: ClaimState;
  readonly setAt: string;
  /** Ends the wait, or the time to see it again; null when nothing ends any more. */
  readonly until: string | null;
  readonly revealedAt: string | null;
  /** Shown in another session than the one that asks. */
  readonly elsewhere: boolean;
};
export type RunClaimView = {
  readonly system: string;
  readonly account: string;
  readonly person: string | null;
  readonly version: number;
  readonly state: ClaimState;
  readonly revealedAt: string | null;
  readonly reveals: number;
};
export type RunClaims = { readonly counts: ClaimCounts; readonly items: readonly RunClaimView[]; readonly cursor?: string };
type Deps = { readonly claims: ClaimStore; readonly rules: ClaimRules; readonly now: () => Date };
type Page = { readonly cursor?: string; readonly limit: number };

export async function myClaims({ claims, rules, now }: Deps, caller: Caller, page: Page): Promise<Paged<ClaimView>> {
  if (caller.identity === null) return { items: [] };
  const { items, ...rest } = await claims.mine(caller.identity, page);
  return { ...rest, items: items.map((each) => view(each, caller.session, rules, now())) };
}

/** Undefined = nothing of this person, whether or not such an account exists: names are not to be guessed here. */
export async function myClaim(
  deps: Deps & { readonly find: (system: string, account: string) => Promise<readonly { readonly key: string }[]> },
  caller: Caller,
  system: string,
  account: string,
): Promise<ClaimView | undefined> {
  const [only, second] = await deps.find(system, account);
  if (caller.identity === null || only === undefined || second !== undefined) return undefined;
  const found = await deps.claims.one(caller.identity, only.key);
  return found && view(found, caller.session, deps.rules, deps.now());
}

export async function runClaims({ claims, rules, now }: Deps, run: string, own: string | null, page: Page): Promise<RunClaims> {
  const at = now();
  const [counts, { items, ...rest }] = [await claims.countsOfRun(run, own, at, rules.windowMs), await claims.ofRun(run, own, page)];
  return {
    counts,
    ...rest,
    items: items.map(({ system, account, person, version, current, claim }) => ({
      system,
      account,
      person,
      version,
      state: stateOf(claim, at, rules.windowMs, current),
      revealedAt: claim.revealedAt?.toISOString() ?? null,
      reveals: claim.reveals,
    })),
  };
}

function view({ account, version, setAt, doubt, claim }: Claimable, session: string, rules: ClaimRules, now: Date): ClaimView {
  const row: ClaimRow = claim ?? { opensAt: setAt, revealedAt: null, revealedUntil: null, session: null, reveals: 0, keptAt: null };
  const state = doubt ? 'not-ready' : stateOf(row, now, rules.windowMs);
  const end = state === 'waiting' ? closesAt(row, rules.windowMs) : state === 'revealed' ? row.revealedUntil : null;
  return {
    system: account.system,
    account: account.name,
    id: account.id,
    login: account.login ?? account.name,
    service: account.kind !== 'human',
    version,
    state,
    setAt: setAt.toISOString(),
    until: end?.toISOString() ?? null,
    revealedAt: row.revealedAt?.toISOString() ?? null,
    elsewhere: row.session !== null && row.session !== session,
  };
}
