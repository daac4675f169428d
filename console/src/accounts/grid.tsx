// A grid over any number of accounts: only what is seen is drawn, the next page is asked for before the end is reached, and the keyboard reaches every cell.
import { useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import css from './accounts.module.css';
import { type Account, columnIds, columns, features, widths } from './columns.tsx';
import { GridHead } from './grid-head.tsx';
import { type Cell, moved } from './grid-keys.ts';
import { GridRow } from './grid-row.tsx';
import { holds, keyOf, type Selected } from './selected.ts';
import type { Sort } from './sort.ts';

const rowHeight = 36;
/** Asked for when this many rows are left below the last one drawn. */
const ahead = 60;

export type GridProps = {
  readonly rows: readonly Account[];
  readonly total: number | undefined;
  readonly more: (() => void) | undefined;
  readonly shown: readonly string[];
  readonly sort: Sort;
  readonly sortBy: (sort: Sort) => void;
  readonly selected: Selected;
  readonly toggle: (account: Account) => void;
  readonly toggleAll: () => void;
  readonly open: (account: Account) => void;
};

export function Grid({ rows, total, more, shown, sort, sortBy, selected, toggle, toggleAll, open }: GridProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<Cell>({ row: 0, column: 1 });
  const focusNext = useRef<Cell | undefined>(undefined);
  const columnVisibility = Object.fromEntries(columnIds.map((id) => [id, shown.includes(id)]));
  const table = useTable({ features, columns, data: rows, getRowId: keyOf, state: { columnVisibility } });
  const model = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: model.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollPaddingStart: rowHeight,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= model.length - ahead) more?.();
  }, [last, model.length, more]);
  const active: Cell = { row: Math.min(at.row, model.length - 1), column: Math.min(at.column, shown.length) };
  useEffect(() => {
    // Scrolling draws the grid once more before it hears of the new cell: the focus waits for that one.
    if (focusNext.current?.row !== active.row || focusNext.current.column !== active.column) return;
    const cell = frame.current?.querySelector<HTMLElement>(`[data-cell="${active.row}:${active.column}"]`);
    if (cell === null || cell === undefined) return;
    focusNext.current = undefined;
    cell.focus({ preventScroll: active.row >= 0 });
  });
  const size = {
    rows: model.length,
    columns: shown.length + 1,
    page: Math.max(1, Math.floor((frame.current?.clientHeight ?? 400) / rowHeight) - 2),
  };
  const go = (cell: Cell): void => {
    focusNext.current = cell;
    if (cell.row >= 0) virtual.scrollToIndex(cell.row);
    setAt(cell);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = moved(active, event.key, event.ctrlKey || event.metaKey, size);
    const account = model[active.row]?.original;
    if (next !== undefined) go(next);
    else if (event.key === ' ' && active.row >= 0 && account !== undefined) toggle(account);
    else if (event.key === ' ' && active.row < 0 && active.column === 0) toggleAll();
    else if (event.key === 'Enter' && account !== undefined && active.row >= 0) open(account);
    else return;
    event.preventDefault();
  };
  const template = `40px ${shown.map((id) => widths[id] ?? '1fr').join(' ')}`;
  const width = { minWidth: shown.length <= 3 ? undefined : shown.length * 110 };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table element cannot place a hundred thousand rows that are not drawn
    <div
      ref={frame}
      className={css.frame}
      role="grid"
      aria-label="Accounts"
      aria-rowcount={(total ?? -2) + 1 < 0 ? -1 : (total ?? 0) + 1}
      aria-colcount={shown.length + 1}
      aria-multiselectable="true"
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div style={width}>
        <GridHead
          headers={table.getHeaderGroups()[0]?.headers ?? []}
          draw={(header) => <table.FlexRender header={header} />}
          template={template}
          active={active}
          focus={(column) => setAt({ row: -1, column })}
          sort={sort}
          sortBy={sortBy}
          every={selected.kind === 'all'}
          toggleAll={toggleAll}
        />
        <div className={css.body} role="presentation" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = model[item.index];
            if (row === undefined) return null;
            return (
              <GridRow
                key={row.id}
                index={item.index}
                top={item.start}
                cells={row.getVisibleCells()}
                draw={(cell) => <table.FlexRender cell={cell} />}
                name={`${row.original.system}/${row.original.account}`}
                template={template}
                active={active.row === item.index ? active.column : undefined}
                focus={(column) => setAt({ row: item.index, column })}
                selected={holds(selected, row.original)}
                toggle={() => toggle(row.original)}
                open={() => open(row.original)}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
