// How a cell of the grid looks by its column: figures stand to the right.
import css from './accounts.module.css';
import { numeric } from './columns.tsx';

export const cellClass = (column: string): string => (numeric.has(column) ? `${css.cell} ${css.numeric}` : `${css.cell}`);
