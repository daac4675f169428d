// A named owner accepts what cannot be proved, with a reason and an end: the item goes on with those cells shown as excepted, never as proved.
import { entryLine } from '../domain/entry.ts';
import { Problem } from '../domain/problem.ts';
import { accountPath } from './account-path.ts';
import type { ExceptionStore } from './run-port.ts';

export type Acceptance = {
  readonly account: string;
  readonly path?: string;
  readonly owner: string;
  readonly reason: string;
  readonly expiresAt: string;
};

export type Accept = {
  readonly exceptions: ExceptionStore;
  readonly sendAdvance: (run: string) => Promise<void>;
  readonly newId: () => string;
  readonly now: () => Date;
};

/** No exception outlives a quarter: by then it is a decision about policy, not about one account. */
const mostDays = 92;

export async function acceptItem(deps: Accept, by: string, run: string, request: Acceptance): Promise<void> {
  const named = accountPath(request.account, 'rekey run except RUN --account SYSTEM/ACCOUNT --owner NAME --reason TEXT --expires DATE');
  const usage = (message: string, hint: string): Problem => new Problem('usage', { message, hint });
  const expiresAt = new Date(request.expiresAt);
  const now = deps.now();
  if (!(expiresAt > now)) throw usage(`an exception ends in the future, not ${request.expiresAt}`, '--expires 2026-12-31');
  if (expiresAt.getTime() - now.getTime() > mostDays * 86_400_000)
    throw usage(`an exception lasts at most ${mostDays} days`, 'renew it then, or change what makes it necessary');
  const id = deps.newId();
  const line = entryLine('exception', now, { ...request, id, by, expiresAt: expiresAt.toISOString() });
  const accepted = await deps.exceptions.accept({
    id,
    run,
    ...named,
    path: request.path ?? null,
    owner: request.owner,
    reason: request.reason,
    expiresAt,
    line,
    moved: entryLine('item', now, { item: '@item', account: '@account', from: 'residual', to: 'propagated', why: `exception ${id}` }),
  });
  if (!accepted)
    throw new Problem('not-found', {
      message: `${run} has no item of ${request.account} that waits for a decision`,
      hint: `an item in doubt or failed is settled by rekey run retry ${run}; the others are in rekey run items ${run}`,
    });
  await deps.sendAdvance(run);
}
