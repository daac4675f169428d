// The keys of a grid (WAI-ARIA practice): one cell has the focus, arrows move it, the rest of the page is one Tab away.

/** Row -1 is the header; column 0 is the box that selects. */
export type Cell = { readonly row: number; readonly column: number };
export type Size = { readonly rows: number; readonly columns: number; readonly page: number };

export function moved(at: Cell, key: string, control: boolean, { rows, columns, page }: Size): Cell | undefined {
  const to = (row: number, column: number): Cell => ({
    row: Math.min(rows - 1, Math.max(-1, row)),
    column: Math.min(columns - 1, Math.max(0, column)),
  });
  switch (key) {
    case 'ArrowDown':
      return to(at.row + 1, at.column);
    case 'ArrowUp':
      return to(at.row - 1, at.column);
    case 'ArrowRight':
      return to(at.row, at.column + 1);
    case 'ArrowLeft':
      return to(at.row, at.column - 1);
    case 'PageDown':
      return to(at.row + page, at.column);
    case 'PageUp':
      return to(Math.max(0, at.row - page), at.column);
    case 'Home':
      return control ? to(0, 0) : to(at.row, 0);
    case 'End':
      return control ? to(rows - 1, columns - 1) : to(at.row, columns - 1);
    default:
      return undefined;
  }
}
