// Where everything that was selected ended up. The sums close: selected = complete + residual + contained + excluded + …
import { type ItemState, itemStates } from '../domain/item.ts';

export type StateCounts = Record<ItemState, number>;
export const tallyStates = (): StateCounts => Object.fromEntries(itemStates.map((state) => [state, 0])) as StateCounts;

export type CoverageRow = {
  readonly outcome:
    | 'complete'
    | 'residual'
    | 'contained'
    | 'signed'
    | 'not signed'
    | 'excluded'
    | 'rolled back'
    | 'failed'
    | 'in doubt'
    | 'unfinished';
  readonly meaning: string;
  readonly count: number;
  /** Which states of items.ndjson it adds up. */
  readonly states: Partial<StateCounts>;
};
export type Coverage = {
  readonly selected: number;
  readonly rows: readonly CoverageRow[];
  /** False only if the store lost or doubled rows: then the report says so and proves nothing. */
  readonly closes: boolean;
};

const outcomes: readonly (Pick<CoverageRow, 'outcome' | 'meaning'> & { readonly states: readonly ItemState[] })[] = [
  { outcome: 'complete', meaning: 'reset, and every cell closed', states: ['complete'] },
  { outcome: 'residual', meaning: 'reset, but something old lives on until a known time', states: ['residual'] },
  { outcome: 'contained', meaning: 'could not be reset; a compensating control stands in', states: ['contained'] },
  { outcome: 'signed', meaning: 'done by hand, as its owner signed: not proved', states: ['signed'] },
  { outcome: 'not signed', meaning: 'a task for a person that nobody has signed: not covered', states: ['by-hand'] },
  { outcome: 'excluded', meaning: 'selected, but blocked or skipped by the plan, with a reason: not reset', states: ['excluded'] },
  { outcome: 'rolled back', meaning: 'put back on the previous secret: the old one works', states: ['rolled-back'] },
  { outcome: 'failed', meaning: 'not reset: the old one works', states: ['failed'] },
  { outcome: 'in doubt', meaning: 'a write went out and its result is not known', states: ['sent', 'in-doubt'] },
  {
    outcome: 'unfinished',
    meaning: 'begun or waiting, not proved',
    states: ['planned', 'sealed', 'applied', 'propagated', 'revoked', 'proved'],
  },
];

export function coverageOf(selected: number, counts: StateCounts): Coverage {
  const rows: CoverageRow[] = outcomes.map(({ outcome, meaning, states }) => ({
    outcome,
    meaning,
    count: states.reduce((n, state) => n + counts[state], 0),
    states: Object.fromEntries(states.map((state) => [state, counts[state]])),
  }));
  return { selected, rows, closes: rows.reduce((n, row) => n + row.count, 0) === selected };
}
