// The figures behind a bar, in words, each with its colour.
import { Text } from '@mantine/core';
import css from './old-bar.module.css';
import { type OldSums, oldSecrets } from './old-secret.ts';
import { number } from './times.ts';

export function OldLegend({ sums }: { readonly sums: OldSums }) {
  return (
    <Text component="ul" size="xs" className={css.legend}>
      {oldSecrets
        .filter(({ key }) => (sums[key] ?? 0) > 0)
        .map(({ key, word }) => (
          <li key={key}>
            <svg width="10" height="10" aria-hidden="true">
              <rect width="10" height="10" rx="2" className={key === 'unknown' ? css.opens : css[key]} />
              {key === 'unknown' ? <rect x="4" width="2" height="10" className={css.hatch} /> : null}
            </svg>{' '}
            <span className="figures">{number(sums[key] ?? 0)}</span> {word}
          </li>
        ))}
    </Text>
  );
}
