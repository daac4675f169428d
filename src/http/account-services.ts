// What the routes about many accounts at once, and about what happened to one, need of the house.
import type { Caller } from '../access/caller.ts';
import type { AccountRunView, AccountView } from '../domain/view.ts';

export const accountSorts = ['account', 'tier', 'kind', 'owner', 'changed'] as const;
export type AccountSort = { readonly by: (typeof accountSorts)[number]; readonly descending: boolean };

export interface AccountServices {
  accountCount(caller: Caller, where: string): Promise<number>;
  /** Every account the selector names, a page in memory at a time. */
  allAccounts(caller: Caller, where: string): AsyncIterable<AccountView>;
  /** The runs an account was in, newest first. */
  accountRuns(caller: Caller, system: string, account: string): Promise<readonly AccountRunView[]>;
}
