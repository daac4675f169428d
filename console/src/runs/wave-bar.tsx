// How far a wave or a system is: closed, went wrong, left. Named in words for those who do not see it.
import { number } from '../words/times.ts';
import css from './wave-bar.module.css';

export function WaveBar({ total, closed, bad }: { readonly total: number; readonly closed: number; readonly bad: number }) {
  const part = (n: number): number => (total === 0 ? 0 : (n / total) * 100);
  return (
    <svg className={css.bar} height="10" role="img" aria-label={`${number(closed)} of ${number(total)} closed, ${number(bad)} went wrong`}>
      <rect width="100%" height="100%" className={css.ground} />
      <rect width={`${part(closed)}%`} height="100%" className={css.closed} />
      <rect x={`${part(closed)}%`} width={`${part(bad)}%`} height="100%" className={css.bad} />
    </svg>
  );
}
