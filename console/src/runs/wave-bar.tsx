// How far a run, a wave or a system is, every item of it in one part of the bar. Named in words for those who do not see it.
import { number } from '../words/times.ts';
import { type Part, parts, type Sums, totalOf } from './progress.ts';
import css from './wave-bar.module.css';

const fills: Readonly<Record<Part, string | undefined>> = {
  complete: css.complete,
  settled: css.settled,
  wrong: css.wrong,
  'by-hand': css.hand,
  'under-way': css.moving,
  'not-begun': css.ground,
};
/** A single item among thousands must still be seen. */
const least = 1;

export function WaveBar({ sums }: { readonly sums: Sums }) {
  const total = totalOf(sums);
  const shown = parts.filter(({ part }) => (sums[part] ?? 0) > 0);
  const words = shown.map(({ part, word }) => `${number(sums[part] ?? 0)} ${word}`).join(', ');
  let x = 0;
  return (
    <svg className={css.bar} height="10" role="img" aria-label={words || 'nothing to do'}>
      <title>{words || 'nothing to do'}</title>
      <rect width="100%" height="100%" className={css.ground} />
      {shown.map(({ part }) => {
        const width = Math.max(least, ((sums[part] ?? 0) / total) * 100);
        const at = Math.min(x, 100 - width);
        x += width;
        return <rect key={part} x={`${at}%`} width={`${width}%`} height="100%" className={fills[part]} />;
      })}
    </svg>
  );
}

/** The colours of the bars above it, in words and figures. */
export function WaveLegend({ sums }: { readonly sums: Sums }) {
  return (
    <ul className={css.legend}>
      {parts
        .filter(({ part }) => (sums[part] ?? 0) > 0)
        .map(({ part, word }) => (
          <li key={part}>
            <svg width="10" height="10" aria-hidden="true">
              <rect width="10" height="10" rx="2" className={fills[part]} />
            </svg>{' '}
            <span className="figures">{number(sums[part] ?? 0)}</span> {word}
          </li>
        ))}
    </ul>
  );
}
