// One state as glyph, word and colour. The word alone says it all; the other two make it quick to find.
import { Text, type TextProps } from '@mantine/core';
import { type StateKind, saidOf } from './states.ts';
import { colourOf } from './tone.ts';

export function StateWord({ kind, state, ...rest }: { readonly kind: StateKind; readonly state: string } & TextProps) {
  const { word, glyph, tone } = saidOf(kind, state);
  return (
    <Text component="span" inherit fw={tone === 'bad' || tone === 'warn' ? 600 : undefined} c={colourOf(tone)} {...rest}>
      <span aria-hidden="true">{glyph} </span>
      {word}
    </Text>
  );
}
