// Shows one live secret to a person entitled to it, once within a window. That it was shown is on record before it is shown, also when we crash in between.
import { entryLine } from '../domain/entry.ts';
import { Problem } from '../domain/problem.ts';
import { type ClaimRules, type Decision, decide } from './claim.ts';
import type { ClaimStore } from './claim-port.ts';
import { liveRow } from './live-row.ts';
import type { Caller, DeliveryAccount, DeliveryStore, Held, OpenSecret } from './port.ts';

export type RevealDeps = {
  readonly store: DeliveryStore;
  readonly claims: ClaimStore;
  readonly rules: ClaimRules;
  readonly openSecret: OpenSecret;
  readonly now: () => Date;
};
/** `until`: the same place may show it again until then; null for a custodian, who is bound to no window. */
export type Revealed = { readonly secret: string; readonly version: number; readonly until: Date | null };

/** `version`: what the person saw offered; a newer one is not given in its place. */
export async function reveal(deps: RevealDeps, caller: Caller, system: string, account: string, version?: number): Promise<Revealed> {
  await assertPace(deps, caller);
  const found = oneOf(await deps.store.find(system, account), `${system}/${account}`);
  await assertEntitled(deps, caller, found);
  const name = `${found.system}/${found.name}`;
  const row = liveRow(await deps.store.escrow(found.key), name);
  if (version !== undefined && version !== row.version)
    throw new Problem('conflict', {
      message: `${name} was reset again: version ${row.version} took the place of version ${version}`,
      hint: 'open the page of the account again',
    });
  const until = caller.custodian ? await give(deps, caller, found, row) : await claim(deps, caller, found, row);
  const secret = await deps.openSecret(found.key, row);
  return { secret: secret.text((text) => text), version: row.version, until };
}

/** The person says that it is saved: nobody may show it again. True when it was shown before. */
export async function keep(deps: RevealDeps, caller: Caller, system: string, account: string): Promise<boolean> {
  await assertPace(deps, caller);
  const found = oneOf(await deps.store.find(system, account), `${system}/${account}`);
  await assertEntitled(deps, caller, found);
  const row = liveRow(await deps.store.escrow(found.key), `${found.system}/${found.name}`);
  return deps.claims.change(keyOf(caller, found, row), row.setAt, (held) => {
    if (held.revealedAt === null || held.keptAt !== null) return { lines: [], result: held.keptAt !== null };
    const now = deps.now();
    return { next: { ...held, keptAt: now }, lines: [line(deps, caller, found, { outcome: 'kept', version: row.version })], result: true };
  });
}

async function claim(deps: RevealDeps, caller: Caller, account: DeliveryAccount, row: Held): Promise<Date | null> {
  const decision = await deps.claims.change<Decision>(keyOf(caller, account, row), row.setAt, (held) => {
    const result = decide(held, caller.session, deps.now(), deps.rules);
    const outcome = result.kind === 'refuse' ? `refused: ${result.why}` : result.again ? 'given again' : 'given';
    const lines = [line(deps, caller, account, { outcome, version: row.version, session: caller.session })];
    return result.kind === 'give' ? { next: result.next, lines, result } : { lines, result };
  });
  if (decision.kind === 'refuse') throw refused(decision.why, `${account.system}/${account.name}`);
  return decision.next.revealedUntil;
}

async function give(deps: RevealDeps, caller: Caller, account: DeliveryAccount, row: Held): Promise<null> {
  await deps.store.audit([line(deps, caller, account, { outcome: 'given', version: row.version })]);
  return null;
}

async function assertPace({ claims, rules, now }: RevealDeps, { custodian, identity, name }: Caller): Promise<void> {
  if (custodian || (await claims.spend(`person ${identity ?? name}`, now(), rules.perHour))) return;
  throw new Problem('too-many-requests', {
    message: `more than ${rules.perHour} attempts within an hour`,
    hint: 'wait an hour; if this was not you, tell your security team now',
  });
}

async function assertEntitled(deps: RevealDeps, caller: Caller, account: DeliveryAccount): Promise<void> {
  if (caller.custodian || isEntitled(caller.identity, account)) return;
  await deps.store.audit([line(deps, caller, account, { outcome: 'refused: not entitled' })]);
  throw new Problem('not-permitted', {
    message: `${caller.name} may not have the secret of ${account.system}/${account.name}: only its owner, its identity or a custodian may`,
    hint: `see who that is: rekey account show ${account.system}/${account.name}`,
  });
}

/** A manager is not enough: the identity uses the account, the owner answers for a service, but not for the account of somebody else who is known. */
export function isEntitled(identity: string | null, account: DeliveryAccount): boolean {
  if (identity === null || identity === '') return false;
  if (identity === account.identity) return true;
  return identity === account.owner && (account.kind !== 'human' || account.identity === null);
}

const keyOf = (caller: Caller, account: DeliveryAccount, { version }: Held) => ({
  account: account.key,
  version,
  person: caller.identity ?? caller.name,
});

function line(
  { now }: RevealDeps,
  caller: Caller,
  { system, id, name }: DeliveryAccount,
  data: { outcome: string; version?: number; session?: string },
): string {
  return entryLine('reveal', now(), { item: `${system}/${id}`, account: name, by: caller.name, ...data });
}

function oneOf(found: readonly DeliveryAccount[], name: string): DeliveryAccount {
  const [first, second] = found;
  if (first === undefined) throw new Problem('not-found', { message: `there is no account ${name}`, hint: 'run: rekey account ls' });
  if (second === undefined) return first;
  throw new Problem('conflict', {
    message: `${name} names ${found.length} accounts`,
    hint: `use the id: ${found
      .slice(0, 3)
      .map((each) => `${each.system}/${each.id}`)
      .join(', ')}`,
  });
}

function refused(why: Extract<Decision, { kind: 'refuse' }>['why'], name: string): Problem {
  switch (why) {
    case 'expired':
      return new Problem('conflict', {
        message: `the time to fetch the secret of ${name} is over`,
        hint: 'ask the help desk to open it again',
      });
    case 'used':
      return new Problem('conflict', {
        message: `the secret of ${name} was shown before, and the time to see it again is over`,
        hint: 'ask the help desk to have the account reset once more',
      });
    case 'shown elsewhere':
      return new Problem('conflict', {
        message: `the secret of ${name} was shown in another session`,
        hint: 'use that one; if it was not you, tell your security team now',
      });
  }
}
