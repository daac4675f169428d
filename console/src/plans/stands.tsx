// How a plan stands, in a word with its colour: waits, approved, expired, or nothing to do.
import { Text } from '@mantine/core';
import { useNow } from '../words/clock.ts';
import { colourOf } from '../words/tone.ts';
import { type Plan, standingOf } from './plan-words.ts';

export function Stands({ plan }: { readonly plan: Plan }) {
  const { word, tone } = standingOf(plan, useNow());
  return (
    <Text span inherit c={colourOf(tone)}>
      {word}
    </Text>
  );
}
