// Times and numbers in words: spans with two units at most, exact times in UTC, thousands apart by a thin space.

export function spanOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes < 10 && seconds % 60 > 0 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 > 0 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d`;
}

/** A run's clock: `01:47:09`, hours as many as it takes. */
export function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** `2026-11-21 14:02:11 UTC` */
export const exactUtc = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
/** `14:02:11`; its day is beside it or today. */
export const timeUtc = (iso: string): string => iso.slice(11, 19);

const figures = new Intl.NumberFormat('en', { useGrouping: true });
/** `18 204`: a space is read as a thousands mark everywhere, a comma is not. */
export const number = (n: number): string => figures.format(n).replaceAll(',', '\u202f');

export function count(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}
