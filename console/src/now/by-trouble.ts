// The systems of a run with those in trouble first, then by tier: the order in which the server gives them.
import type { Now } from './use-now.ts';

type System = Now['systems'][number];

const rank = ({ state, reason }: System): number => (state === 'halted' ? 0 : reason !== null ? 1 : 2);

export const byTrouble = (systems: readonly System[]): readonly System[] => [...systems].sort((a, b) => rank(a) - rank(b));
