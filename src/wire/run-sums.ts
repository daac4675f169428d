// From grouped rows of items to what people ask of a run: how far each wave and system is, and what the old secrets still open.
import type { ItemState } from '../domain/item.ts';
import { isTerminal } from '../domain/item.ts';
import type { NowView, RunSystemView } from '../domain/now-view.ts';
import { type OldSecret, oldSecretOf } from '../domain/old-secret.ts';
import { progressSums } from '../domain/progress.ts';
import type { LaneNow, Tally } from '../store/now.ts';

export const sum = (rows: readonly Tally[], fits: (row: Tally) => boolean = () => true): number =>
  rows.reduce((n, row) => (fits(row) ? n + row.n : n), 0);

/** Stopped in a middle state: nothing happens there until a person asks. */
export const isParked = ({ open, state }: Tally): boolean => !open && !isTerminal(state);

export function oldSecrets(rows: readonly Tally[]): Partial<Record<OldSecret, number>> {
  const sums: Partial<Record<OldSecret, number>> = {};
  for (const { state, open, n } of rows) {
    const old = oldSecretOf(state, open);
    if (old !== undefined) sums[old] = (sums[old] ?? 0) + n;
  }
  return sums;
}

export function waveSums(
  waves: readonly Pick<NowView['waves'][number], 'n' | 'name' | 'state' | 'reason'>[],
  tally: readonly Tally[],
): NowView['waves'] {
  return waves.map(({ n, name, state, reason }) => ({
    n,
    name,
    state,
    reason,
    progress: progressSums(tally.filter((row) => row.wave === n)),
  }));
}

export function systemSums(tally: readonly Tally[], lanes: readonly LaneNow[]): RunSystemView[] {
  const systems = [...new Set(tally.map((row) => row.system))];
  const views = systems.map((system): RunSystemView => {
    const rows = tally.filter((row) => row.system === system);
    const lane = lanes.find((each) => each.system === system);
    const counts: Partial<Record<ItemState, number>> = {};
    for (const { state, n } of rows) counts[state] = (counts[state] ?? 0) + n;
    const first = rows.reduce<Date | null>((at, { since }) => (since !== null && (at === null || since < at) ? since : at), null);
    return {
      system,
      tier: Math.min(...rows.map((row) => row.tier)),
      total: sum(rows),
      counts,
      old: oldSecrets(rows),
      parked: sum(rows, isParked),
      state: lane?.state ?? null,
      reason: lane?.reason ?? null,
      since: (lane?.since ?? first)?.toISOString() ?? null,
      perSecond: lane?.perSecond ?? null,
    };
  });
  return views.sort((a, b) => a.tier - b.tier || a.system.localeCompare(b.system));
}
