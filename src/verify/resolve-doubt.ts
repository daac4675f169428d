// After a lost answer: probe the candidate once, then the previous value once, within the lockout budget. Never infer from the lost call itself.
import { entryLine } from '../domain/entry.ts';
import type { Where } from '../domain/verdict.ts';
import type { AccountRef, Probed } from '../kit/capability.ts';
import { type Connection, can } from '../kit/connector.ts';
import type { Secret } from '../kit/secret.ts';
import { budgetOf, type SpentBudget } from './budget.ts';

export type Doubt = {
  readonly finding: 'applied' | 'unchanged' | 'third-value' | 'unknown';
  readonly why: string;
  readonly lines: readonly string[];
};

export async function resolveDoubt(input: {
  readonly account: AccountRef;
  readonly connection: Connection;
  readonly candidate: Secret;
  readonly previous: Secret | undefined;
  /** A value the target never saw: what it says of any value, it has not said of the candidate. */
  readonly nonsense: Secret;
  /** We blocked the account: whatever it refuses, it may refuse for that. */
  readonly blocked: boolean;
  readonly spent: SpentBudget;
  readonly now: () => Date;
}): Promise<Doubt> {
  const { account, connection } = input;
  const lines: string[] = [];
  if (!can(connection, 'probe')) return { finding: 'unknown', why: 'this target cannot be probed', lines };
  // The node that was written to: another one may not have heard of the change yet.
  const where = (await connection.probe.paths())[0];
  if (where === undefined) return { finding: 'unknown', why: 'no path to probe', lines };
  const lockout = can(connection, 'lockout') ? await connection.lockout.read(account, where) : undefined;
  const budget = budgetOf(lockout?.kind === 'done' ? lockout.value : undefined);
  const payer = `${account.system}/${account.id}`;
  const attempt = async (role: string, secret: Secret): Promise<Probed | undefined> => {
    if (!input.spent.spend(payer, budget)) return undefined;
    const probed = await (connection.probe as NonNullable<Connection['probe']>).attempt(account, secret, where);
    if (probed.verdict === 'accepted') {
      input.spent.refund(payer);
      input.spent.accepted(payer, budget);
    }
    lines.push(probeLine(input.now(), account, where, role, probed));
    return probed;
  };
  const fresh = await attempt('candidate', input.candidate);
  // A probe of an account that we blocked could say little, and nobody else is at work there.
  if (fresh === undefined && input.blocked)
    return {
      finding: 'unchanged',
      why: 'we blocked the account, and no refusal is left to ask with: sending the same value again is safe',
      lines,
    };
  if (fresh === undefined) return { finding: 'unknown', why: noneLeft(input.spent.freeInMs(payer)), lines };
  if (fresh.verdict === 'accepted' || fresh.right === true) return { finding: 'applied', why: 'the target accepts the candidate', lines };
  if (fresh.verdict === 'blocked') return { ...ofBlocked(await attempt('nonsense', input.nonsense)), lines };
  if (fresh.verdict === 'indeterminate') return { finding: 'unknown', why: `the target did not say (${fresh.code})`, lines };
  if (input.previous === undefined)
    return { finding: 'unchanged', why: 'the target refuses the candidate; sending the same value again is safe', lines };
  const old = await attempt('previous', input.previous);
  // As where no previous value is known: what is at the target is not the candidate, and no refusal is left to ask whether it is the previous one.
  if (old === undefined)
    return {
      finding: 'unchanged',
      why: 'the target refuses the candidate, and the lockout budget allows no second refusal; sending the same value again is safe',
      lines,
    };
  if (old.verdict === 'accepted' || old.verdict === 'blocked')
    return { finding: 'unchanged', why: 'the target still holds the previous value', lines };
  if (old.verdict === 'rejected' && input.blocked)
    return { finding: 'unchanged', why: 'we blocked the account, and it accepts nothing: sending the same value again is safe', lines };
  if (old.verdict === 'rejected')
    return {
      finding: 'third-value',
      why: 'neither the candidate nor the previous value is accepted: someone else changed it, or the account is locked',
      lines,
    };
  return { finding: 'unknown', why: `the target did not say (${old.code})`, lines };
}

function noneLeft(freeInMs: number): string {
  const when = freeInMs > 0 ? `, for another ${Math.ceil(freeInMs / 60_000)} min` : '';
  return `no probe within the lockout budget${when}`;
}

/** An account that cannot be used: some targets look at the secret first, others say the same whatever it is. Only the former have told us anything. */
function ofBlocked(control: Probed | undefined): Omit<Doubt, 'lines'> {
  if (control?.verdict === 'rejected')
    return { finding: 'applied', why: 'the account is blocked, and the target tells the candidate from a wrong value' };
  if (control?.verdict === 'indeterminate') return { finding: 'unknown', why: `the target did not say (${control.code})` };
  return { finding: 'unchanged', why: 'the account is blocked and answers so to any value: sending the same value again is safe' };
}

function probeLine(at: Date, account: AccountRef, where: Where, secret: string, probed: Probed): string {
  return entryLine('probe', at, {
    item: `${account.system}/${account.id}`,
    account: account.name,
    ...where,
    secret,
    verdict: probed.verdict,
    code: probed.code,
  });
}
