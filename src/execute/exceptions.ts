// What a named owner accepted: shown as excepted, never as proved.
import { type Cell, isClosed } from '../domain/verdict.ts';
import type { WorkItem } from './port.ts';

/** A cell a named owner accepted is shown as excepted, never as proved. */
export function exceptedIn(item: WorkItem, cell: Cell): Cell {
  if (isClosed(cell)) return cell;
  const accepted = item.exceptions.find((x) => x.path === null || x.path === cell.path);
  return accepted === undefined
    ? cell
    : {
        ...cell,
        verdict: 'excepted',
        level: 'owner',
        code: `accepted by ${accepted.owner} until ${accepted.until}; otherwise: ${cell.code}`,
      };
}

/** Everything about the item was accepted: what still waits is let go, by name. */
export function isAccepted(item: WorkItem): boolean {
  return item.exceptions.some((x) => x.path === null);
}
