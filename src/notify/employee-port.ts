// What telling people about their own new credentials needs of the store. It knows that something waits, never what.

/** Somebody with credentials of one plan that can be fetched; `until`: the first of them closes. */
export type WaitingPerson = { readonly person: string; readonly plan: string; readonly until: Date };

export interface EmployeeStore {
  /** Takes note of credentials that can be fetched and were not spoken of; answers who has nothing of that plan left from an earlier mail. */
  takeWaiting(now: Date, windowMs: number): Promise<readonly WaitingPerson[]>;
  /** Takes note of a reminder for who was told `windowMs` less `leadMs` ago, did not fetch and still may; each credential is in one reminder. */
  takeReminders(now: Date, windowMs: number, leadMs: number): Promise<readonly WaitingPerson[]>;
  /** Takes back what is not on its way yet to people for whom nothing waits any more. */
  withdrawFetched(now: Date, windowMs: number): Promise<void>;
  /** The member's address, else the one that all accounts of the person name. */
  mailOf(people: readonly string[]): Promise<ReadonlyMap<string, string>>;
}
