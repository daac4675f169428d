// What a probe may say, what a cell may say, and which cells are closed. An unknown answer never counts as "refused".

/** Result of one login attempt with one secret on one path of one replica. */
export type ProbeVerdict = 'accepted' | 'rejected' | 'blocked' | 'indeterminate';

/** How the old credential's death is known, strongest first. */
export type Level = 'probed' | 'state+canary' | 'state' | 'canary' | 'owner' | 'none';

/**
 * A cell is (credential version × path × replica).
 * `inferred`: the lockout budget forbade the probe; the level says what stands in for it.
 * `excepted`: a named owner accepted it, with an expiry.
 * `signed`: its owner says that it was done by hand. Nothing was proved.
 */
export type CellVerdict = 'proved' | 'residual' | 'not-proved' | 'inferred' | 'excepted' | 'signed';

export type Where = { readonly path: string; readonly replica: string };

export type Cell = Where & {
  readonly verdict: CellVerdict;
  readonly level: Level;
  /** The target's own code for the refused old secret (`49`, `28P01`), or why the cell is not proved. */
  readonly code: string;
  readonly at: Date;
};

const closingLevels: readonly Level[] = ['probed', 'state+canary'];

/** True when nothing is left to show for this cell. A residual closes by itself later, not now. */
export function isClosed(cell: Pick<Cell, 'verdict' | 'level'>): boolean {
  switch (cell.verdict) {
    case 'proved':
      return closingLevels.includes(cell.level);
    case 'inferred':
      return cell.level === 'state+canary';
    case 'excepted':
    case 'signed':
      return true;
    case 'residual':
    case 'not-proved':
      return false;
  }
}
