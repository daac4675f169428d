// How the old secrets of a system or a run divide, as one bar. The same in words is its name; what nobody knows is hatched, so that it is no shade of red.
import { useId } from 'react';
import css from './old-bar.module.css';
import { type OldSums, oldSecrets, sumOf } from './old-secret.ts';
import { number } from './times.ts';

export function OldBar({ sums, height = 12 }: { readonly sums: OldSums; readonly height?: number }) {
  const hatch = useId();
  const total = sumOf(sums);
  const parts = oldSecrets.filter(({ key }) => (sums[key] ?? 0) > 0);
  const words = parts.map(({ key, word }) => `${number(sums[key] ?? 0)} ${word}`).join(', ');
  let x = 0;
  return (
    <svg className={css.bar} width="100%" height={height} role="img" aria-label={words || 'nothing to change'}>
      <defs>
        <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="5" height="5" className={css.opens} />
          <rect width="2" height="5" className={css.hatch} />
        </pattern>
      </defs>
      <rect width="100%" height="100%" className={css.ground} />
      {parts.map(({ key }) => {
        // A single item among thousands must still be seen: two tenths of a per cent at least.
        const width = Math.max(0.2, ((sums[key] ?? 0) / total) * 100);
        const at = x;
        x += width;
        return (
          <rect
            key={key}
            x={`${at}%`}
            width={`${width}%`}
            height="100%"
            className={css[key]}
            {...(key === 'unknown' ? { fill: `url(#${hatch})` } : {})}
          />
        );
      })}
    </svg>
  );
}
