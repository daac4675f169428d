// One drawn row of the grid. Its place in the whole list is said, since the rows around it may not be drawn.
import { Checkbox } from '@mantine/core';
import type { Cell } from '@tanstack/react-table';
import type { MouseEvent, ReactNode } from 'react';
import css from './accounts.module.css';
import { cellClass } from './cell-class.ts';
import type { Account, features } from './columns.tsx';

type RowCell = Cell<typeof features, Account, unknown>;
export type GridRowProps = {
  readonly index: number;
  readonly top: number;
  readonly cells: readonly RowCell[];
  readonly draw: (cell: RowCell) => ReactNode;
  readonly name: string;
  readonly template: string;
  /** The column that has the grid's focus, where it is in this row. */
  readonly active: number | undefined;
  readonly focus: (column: number) => void;
  readonly selected: boolean;
  readonly toggle: () => void;
  readonly open: () => void;
};

export function GridRow({ index, top, cells, draw, name, template, active, focus, selected, toggle, open }: GridRowProps) {
  const clicked = (event: MouseEvent): void => {
    if (!(event.target instanceof HTMLInputElement)) open();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: see grid.tsx
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles Enter and Space for the cell that has the focus
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={`${css.row} ${css.line}`}
      style={{ gridTemplateColumns: template, transform: `translateY(${top}px)` }}
      tabIndex={-1}
      onClick={clicked}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see grid.tsx */}
      <div
        role="gridcell"
        aria-colindex={1}
        className={css.cell}
        tabIndex={active === 0 ? 0 : -1}
        data-cell={`${index}:0`}
        onFocus={() => focus(0)}
      >
        <Checkbox size="xs" checked={selected} onChange={toggle} tabIndex={-1} aria-label={`Select ${name}`} />
      </div>
      {cells.map((cell, n) => (
        // biome-ignore lint/a11y/useSemanticElements: see grid.tsx
        <div
          key={cell.id}
          role="gridcell"
          aria-colindex={n + 2}
          className={cellClass(cell.column.id)}
          tabIndex={active === n + 1 ? 0 : -1}
          data-cell={`${index}:${n + 1}`}
          onFocus={() => focus(n + 1)}
        >
          <div className={css.words}>{draw(cell)}</div>
        </div>
      ))}
    </div>
  );
}
