// people.ndjson: one line for each person of a run, their verdict and all of their accounts; also those the run does not hold.
import { canonical, type Json } from '../domain/json.ts';
import { type PersonVerdict, personVerdicts, verdictOf, worstOf } from '../domain/person.ts';
import type { PersonView } from '../domain/view.ts';

export type PersonAccount = Pick<PersonView['accounts'][number], 'system' | 'account' | 'id' | 'state' | 'verdict' | 'residualUntil'>;
export type PersonRow = {
  readonly person: string;
  readonly verdict: PersonVerdict;
  readonly accounts: readonly PersonAccount[];
  readonly leftOut: PersonView['leftOut'];
};

/** A bundle is written of what stands: nothing in it is on its way. */
export function personRow({ person, accounts, leftOut }: PersonView): PersonRow {
  const stands = accounts.map(({ system, account, id, state, residualUntil }) => ({
    system,
    account,
    id,
    state,
    verdict: verdictOf(state, false),
    residualUntil,
  }));
  return { person, verdict: worstOf(stands.map((each) => each.verdict)), accounts: stands, leftOut };
}

export const personLine = (row: PersonRow): string => canonical(row as unknown as Json); // a tree of JSON values only

/** Printed in the report; all are in the file. */
const shownPeople = 50;

/** The people a reader must see first: the worst verdicts, then by name. */
export class PeopleScan {
  #worst: PersonRow[] = [];
  count = 0;

  take(row: PersonRow): void {
    this.count += 1;
    this.#worst.push(row);
    if (this.#worst.length >= 4 * shownPeople) this.#cut();
  }

  get first(): readonly PersonRow[] {
    this.#cut();
    return this.#worst;
  }

  #cut(): void {
    const rank = (row: PersonRow): number => personVerdicts.indexOf(row.verdict);
    this.#worst = this.#worst.sort((a, b) => rank(a) - rank(b) || (a.person < b.person ? -1 : 1)).slice(0, shownPeople);
  }
}
