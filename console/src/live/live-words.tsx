// Whether what is on the page is live, in words; announced when it changes, not every second.
import { Text } from '@mantine/core';
import { useNow } from '../words/clock.ts';
import { spanOf } from '../words/times.ts';
import { colourOf } from '../words/tone.ts';
import { useLive } from './use-live.ts';

export function LiveWords() {
  const { kind, since } = useLive();
  const now = useNow();
  const age = spanOf(now - since);
  switch (kind) {
    case 'live':
      return <Said glyph="●" word="live" tone="good" />;
    case 'connecting':
      return <Said glyph="○" word="connecting" tone="calm" />;
    case 'lost':
      return (
        <Said glyph="▲" word={`${age} old`} tone="warn" title="The connection is lost; trying again. The run goes on without this page." />
      );
    case 'resting':
      return <Said glyph="○" word={`resting, ${age} old`} tone="calm" />;
  }
}

function Said(props: { readonly glyph: string; readonly word: string; readonly tone: 'good' | 'warn' | 'calm'; readonly title?: string }) {
  return (
    <Text component="span" size="sm" c={colourOf(props.tone)} title={props.title} className="figures" data-live={props.word}>
      <span aria-hidden="true">{props.glyph} </span>
      {props.word}
    </Text>
  );
}
