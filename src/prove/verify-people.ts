// people.ndjson against items.ndjson: the same people, each with the verdict that the states of their accounts give, and the report's sums.
import type { ItemState } from '../domain/item.ts';
import { type PersonVerdict, personVerdicts, verdictOf, worstOf } from '../domain/person.ts';
import type { Finding } from './finding.ts';
import type { Digest } from './merkle.ts';
import type { PersonRow } from './people-file.ts';
import { Tally } from './tally.ts';

export class PeopleCheck {
  /** Person → the worst verdict of their items; item → its person and state as one index. */
  readonly #worst: Tally;
  readonly #items: Tally;
  readonly #accounts: Tally;
  readonly #seen: Tally;
  readonly #sums = new Map<PersonVerdict, number>();

  constructor(sha256: Digest) {
    this.#worst = new Tally(sha256);
    this.#items = new Tally(sha256);
    this.#accounts = new Tally(sha256);
    this.#seen = new Tally(sha256);
  }

  /** Every row of items.ndjson, before any of people.ndjson. */
  item(row: { readonly system: string; readonly id: string; readonly state: ItemState; readonly person?: string | null }): void {
    if (typeof row.person !== 'string') return;
    const verdict = verdictOf(row.state, false);
    const before = this.#worst.get(row.person);
    this.#worst.set(row.person, Math.min(personVerdicts.indexOf(verdict), before ?? personVerdicts.length));
    if (row.state === 'excluded') return;
    this.#items.set(JSON.stringify([row.person, row.system, row.id, row.state]), 1);
    this.#accounts.set(row.person, (this.#accounts.get(row.person) ?? 0) + 1);
  }

  person(index: number, line: string, { person, verdict, accounts }: PersonRow): Finding | undefined {
    const wrong = (reason: string): Finding => ({ file: 'people.ndjson', entry: index, line: line.slice(0, 500), reason });
    const worst = this.#worst.get(person);
    if (worst === undefined) return wrong(`${person} has no item in this run`);
    if (this.#seen.get(person) !== undefined) return wrong(`${person} is listed twice`);
    this.#seen.set(person, 1);
    for (const { system, id, state, verdict: said } of accounts) {
      if (this.#items.get(JSON.stringify([person, system, id, state])) === undefined)
        return wrong(`${person} has no account ${system}/${id} that reads ${state} in items.ndjson`);
      if (said !== verdictOf(state, false)) return wrong(`${system}/${id} of ${person} reads ${said}, but its state is ${state}`);
    }
    const ids = new Set(accounts.map(({ system, id, state }) => JSON.stringify([system, id, state])));
    if (ids.size !== accounts.length || ids.size !== (this.#accounts.get(person) ?? 0))
      return wrong(`${person} has ${this.#accounts.get(person) ?? 0} accounts in items.ndjson, ${accounts.length} are listed`);
    if (verdict !== personVerdicts[worst] || verdict !== worstOf(accounts.map((each) => each.verdict)))
      return wrong(`${person} reads ${verdict}, but their accounts read ${personVerdicts[worst]}`);
    this.#sums.set(verdict, (this.#sums.get(verdict) ?? 0) + 1);
    return undefined;
  }

  /** After all rows of both: nobody is missing, and the report counts the same. */
  sums(
    said: { readonly count: number; readonly verdicts: { readonly [verdict in PersonVerdict]?: number } } | undefined,
  ): Finding | undefined {
    if (this.#seen.size !== this.#worst.size)
      return { file: 'people.ndjson', reason: `items.ndjson names ${this.#worst.size} people, people.ndjson lists ${this.#seen.size}` };
    if (said?.count !== this.#seen.size)
      return { file: 'report.json', reason: `the report counts ${said?.count ?? 'no'} people, people.ndjson lists ${this.#seen.size}` };
    const other = personVerdicts.find((verdict) => (said.verdicts[verdict] ?? 0) !== (this.#sums.get(verdict) ?? 0));
    if (other === undefined) return undefined;
    return {
      file: 'report.json',
      reason: `the report counts ${said.verdicts[other] ?? 0} people as ${other}, people.ndjson has ${this.#sums.get(other) ?? 0}`,
    };
  }
}
