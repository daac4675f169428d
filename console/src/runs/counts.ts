// Sums over the states of items: how many there are, how many need nothing more, how many went wrong.
import type { Item, Run } from './run-queries.ts';

type Counts = Run['counts'];
type State = Item['state'];

const closed: readonly State[] = ['complete', 'residual', 'contained', 'excluded', 'signed'];
const wrong: readonly State[] = ['failed', 'rolled-back', 'in-doubt'];

const sum = (counts: Counts, of: readonly State[]): number => of.reduce((n, state) => n + (counts[state] ?? 0), 0);
export const totalOf = (counts: Counts): number => Object.values(counts).reduce((n, each) => n + each, 0);
export const closedOf = (counts: Counts): number => sum(counts, closed);
export const wrongOf = (counts: Counts): number => sum(counts, wrong);
