// What the attacker can still use. First on the page, and never better than what was proved: what Rekey does not know is said as such.
import { Title } from '@mantine/core';
import { OldBar } from '../words/old-bar.tsx';
import { OldLegend } from '../words/old-legend.tsx';
import { Since } from '../words/since.tsx';
import { count, number } from '../words/times.ts';
import css from './now.module.css';
import { Tile } from './tile.tsx';
import type { Now } from './use-now.ts';

export function AccessTiles({ now }: { readonly now: Now }) {
  const { old, tier0, sessions, total, estate } = now;
  const opens = old.opens ?? 0;
  const unknown = old.unknown ?? 0;
  return (
    <section aria-labelledby="access">
      <Title order={2} size="h5" id="access" mb={4}>
        What the attacker can still use
      </Title>
      <div className={css.tiles}>
        {tier0 === null || tier0.total === 0 ? (
          <Tile name="Tier 0 open" tone="calm" glyph="=" figure="none in the run">
            No account of tier 0 is in this run; whether one was taken, Rekey does not know.
          </Tile>
        ) : (
          <Tile
            name="Tier 0 open"
            tone={tier0.open === 0 ? 'good' : 'bad'}
            glyph={tier0.open === 0 ? '✓' : '✗'}
            figure={`${number(tier0.open)} of ${number(tier0.total)}`}
          >
            {tier0.open === 0 ? 'Every one is proved to refuse the old secret.' : 'Not yet proved to refuse the old secret.'}
          </Tile>
        )}
        <Tile
          name="Old secrets that still open"
          tone={opens === 0 ? 'good' : 'bad'}
          glyph={opens === 0 ? '✓' : '✗'}
          figure={`${number(opens)} of ${number(total)}`}
        >
          {number(old.changed ?? 0)} more changed, not yet proved refused.
          {estate.exposedLeft === 0 ? null : ` Leaked and never reset: ${number(estate.exposedLeft)}.`}
        </Tile>
        <Tile
          name="Sessions from before"
          tone={sessions === null ? 'calm' : sessions.notEnded + sessions.residual === 0 ? 'good' : 'warn'}
          glyph="◔"
          figure={sessions === null ? 'not known' : `${number(sessions.notEnded)} not ended`}
        >
          {sessions === null ? 'This run says nothing of sessions.' : null}
          {sessions === null || sessions.until === null ? null : (
            <>
              {count(sessions.residual, 'account')} with a clock, the last ends <Since at={sessions.until} />.{' '}
            </>
          )}
          {sessions === null || sessions.cannotEnd.length === 0
            ? 'Every system of the run can end them.'
            : `Not known, because they cannot be ended there: ${sessions.cannotEnd.join(', ')}.`}
        </Tile>
        <Tile name="Nobody knows" tone={unknown === 0 ? 'good' : 'bad'} glyph={unknown === 0 ? '✓' : '?'} figure={number(unknown)}>
          {unknown === 0 ? 'Every answer of a target was clear.' : 'No answer came after the write: old or new, either may open them.'}
        </Tile>
      </div>
      <OldBar sums={old} height={10} />
      <OldLegend sums={old} />
    </section>
  );
}
