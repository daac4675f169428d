// Numbers, times and lists as people read them. JSON never passes here.
import { consumerStates } from '../domain/consumer.ts';
import { itemStates } from '../domain/item.ts';

/** 18204 → "18 204". */
export function number(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
}

/** "1 credential", "2 credentials". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}

export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 === 0 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
}

/** Local time with its offset: two people in two places read the same instant. */
export function time(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const two = (n: number) => String(Math.trunc(n)).padStart(2, '0');
  const offset = -at.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())} ${zone}`;
}

/** Whole days since; null stays unknown. */
export function age(iso: string | null, now: number): string {
  return iso === null ? 'unknown' : `${Math.max(0, Math.floor((now - Date.parse(iso)) / 86_400_000))} d`;
}

/** Columns padded to their widest cell; the last one is left ragged. */
export function tableText(rows: readonly (readonly string[])[]): string {
  return `${table(rows).join('\n')}\n`;
}

export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

const order: readonly string[] = [...itemStates, ...consumerStates];

/** `{failed: 1, complete: 3}` → "3 complete, 1 failed": states in the order of their life, other words as given. */
export function tally(counts: Readonly<Record<string, number | undefined>>): string {
  const parts = Object.entries(counts).filter(([, n]) => (n ?? 0) > 0);
  if (parts.every(([name]) => order.includes(name))) parts.sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  return parts.length === 0 ? 'none' : parts.map(([name, n]) => `${number(n ?? 0)} ${name}`).join(', ');
}
