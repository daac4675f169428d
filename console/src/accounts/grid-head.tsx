// The header of the grid: says how it is sorted, and sorts by a click or Enter.
import { Checkbox } from '@mantine/core';
import type { Header } from '@tanstack/react-table';
import type { KeyboardEvent, ReactNode } from 'react';
import css from './accounts.module.css';
import { cellClass } from './cell-class.ts';
import { type Account, type features, sortable } from './columns.tsx';
import type { Cell } from './grid-keys.ts';
import type { Sort } from './sort.ts';

type Head = Header<typeof features, Account, unknown>;
export type GridHeadProps = {
  readonly headers: readonly Head[];
  readonly draw: (header: Head) => ReactNode;
  readonly template: string;
  readonly active: Cell;
  readonly focus: (column: number) => void;
  readonly sort: Sort;
  readonly sortBy: (sort: Sort) => void;
  readonly every: boolean;
  readonly toggleAll: () => void;
};

export function GridHead({ headers, draw, template, active, focus, sort, sortBy, every, toggleAll }: GridHeadProps) {
  const stop = (column: number): 0 | -1 => (active.row === -1 && active.column === column ? 0 : -1);
  return (
    // biome-ignore lint/a11y/useSemanticElements: see grid.tsx
    <div role="row" aria-rowindex={1} className={`${css.row} ${css.head}`} style={{ gridTemplateColumns: template }} tabIndex={-1}>
      {/* biome-ignore lint/a11y/useSemanticElements: see grid.tsx */}
      <div role="columnheader" aria-colindex={1} className={css.cell} tabIndex={stop(0)} data-cell="-1:0" onFocus={() => focus(0)}>
        <Checkbox size="xs" checked={every} onChange={toggleAll} tabIndex={-1} aria-label="Select everything that matches the filter" />
      </div>
      {headers.map((header, n) => {
        const by = sortable[header.column.id];
        const sorted = by === undefined ? undefined : sort === by ? 'ascending' : sort === `-${by}` ? 'descending' : 'none';
        const turn = (): void => {
          if (by !== undefined) sortBy(sort === by ? `-${by}` : by);
        };
        const onKeyDown = (event: KeyboardEvent): void => {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          event.stopPropagation();
          turn();
        };
        return (
          // biome-ignore lint/a11y/useSemanticElements: see grid.tsx
          <div
            key={header.id}
            role="columnheader"
            aria-colindex={n + 2}
            {...(sorted === undefined ? {} : { 'aria-sort': sorted })}
            className={cellClass(header.column.id)}
            tabIndex={stop(n + 1)}
            data-cell={`-1:${n + 1}`}
            onFocus={() => focus(n + 1)}
            onClick={turn}
            onKeyDown={onKeyDown}
          >
            {draw(header)}
            <span aria-hidden="true">{sorted === 'ascending' ? '\u00a0▲' : sorted === 'descending' ? '\u00a0▼' : null}</span>
          </div>
        );
      })}
    </div>
  );
}
