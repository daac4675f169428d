// Who may fetch an account's present value and whether they did, for whoever helps them; a wait that ended begins anew. No value is opened here.
import { entryLine } from '../domain/entry.ts';
import { Problem } from '../domain/problem.ts';
import { type ClaimRules, closesAt, stateOf } from './claim.ts';
import type { AccountClaim, ClaimState, ClaimStore } from './claim-port.ts';
import type { DeliveryAccount } from './port.ts';

export type AccountClaimView = {
  readonly person: string;
  readonly version: number;
  readonly state: ClaimState;
  readonly setAt: string;
  /** Ends the wait, or the time to see it again; null when nothing ends any more. */
  readonly until: string | null;
  readonly revealedAt: string | null;
  readonly reveals: number;
};
export type AccountClaimDeps = {
  readonly claims: Pick<ClaimStore, 'ofAccount' | 'change'>;
  readonly rules: ClaimRules;
  readonly find: (system: string, account: string) => Promise<readonly DeliveryAccount[]>;
  readonly now: () => Date;
};
/** `own`: only what this identity owns or uses; null = all. */
export type Asked = { readonly system: string; readonly account: string; readonly own: string | null };

export async function accountClaims(deps: AccountClaimDeps, asked: Asked): Promise<readonly AccountClaimView[]> {
  const account = await onlyOne(deps, asked);
  return (await deps.claims.ofAccount(account.key)).map((each) => view(each, deps.rules, deps.now()));
}

export type Reopening = Asked & {
  readonly person: string;
  readonly reason: string;
  readonly by: string;
  readonly byIdentity: string | null;
};

/** Only of a wait that ended with nothing shown: what was shown may be known to somebody, and is reset instead. */
export async function reopenClaim(
  deps: AccountClaimDeps,
  { person, reason, by, byIdentity, ...asked }: Reopening,
): Promise<AccountClaimView> {
  const account = await onlyOne(deps, asked);
  const name = `${account.system}/${account.name}`;
  if (person === byIdentity || person === by)
    throw new Problem('not-permitted', {
      message: `nobody opens their own ${name} again`,
      hint: 'ask somebody else at the help desk, who makes sure that it is you',
    });
  const claim = (await deps.claims.ofAccount(account.key)).find((each) => each.person === person);
  if (claim === undefined)
    throw new Problem('not-found', {
      message: `nothing of ${name} waits for ${person}`,
      hint: `see who may fetch it: rekey account show ${name}`,
    });
  const now = deps.now();
  const opened = await deps.claims.change<AccountClaim | ClaimState>(
    { account: account.key, version: claim.version, person },
    claim.setAt,
    (row) => {
      const state = claim.doubt ? 'not-ready' : stateOf(row, now, deps.rules.windowMs);
      if (state !== 'expired') return { lines: [], result: state };
      const next = { ...row, opensAt: now };
      const about = { item: `${account.system}/${account.id}`, account: account.name, by, person, reason, version: claim.version };
      return { next, lines: [entryLine('reveal', now, { ...about, outcome: 'opened again' })], result: { ...claim, claim: next } };
    },
  );
  if (typeof opened === 'string') throw cannotOpen(opened, name, person);
  return view(opened, deps.rules, now);
}

async function onlyOne({ find }: AccountClaimDeps, { system, account, own }: Asked): Promise<DeliveryAccount> {
  const [found, second] = await find(system, account);
  if (found === undefined || (own !== null && found.owner !== own && found.identity !== own))
    throw new Problem('not-found', { message: `there is no account ${system}/${account}`, hint: 'run: rekey account ls' });
  if (second === undefined) return found;
  throw new Problem('conflict', { message: `${system}/${account} names more than one account`, hint: `use the id: ${found.id}` });
}

function view({ person, version, setAt, doubt, claim }: AccountClaim, rules: ClaimRules, now: Date): AccountClaimView {
  const state = doubt ? 'not-ready' : stateOf(claim, now, rules.windowMs);
  const end = state === 'waiting' ? closesAt(claim, rules.windowMs) : state === 'revealed' ? claim.revealedUntil : null;
  const times = { setAt: setAt.toISOString(), until: end?.toISOString() ?? null, revealedAt: claim.revealedAt?.toISOString() ?? null };
  return { person, version, state, ...times, reveals: claim.reveals };
}

function cannotOpen(state: ClaimState, name: string, person: string): Problem {
  switch (state) {
    case 'waiting':
      return new Problem('conflict', { message: `${name} waits for ${person} already`, hint: 'tell them where to fetch it' });
    case 'revealed':
    case 'used':
      return new Problem('conflict', {
        message: `${name} was shown to ${person}: whoever saw it may still know it`,
        hint: 'have the account reset once more: rekey plan --where …',
      });
    case 'not-ready':
    case 'withdrawn':
    case 'expired':
      return new Problem('conflict', { message: `${name} is being reset right now`, hint: 'look again in a few minutes' });
  }
}
