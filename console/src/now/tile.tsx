// One of the four figures of what the attacker still has: the figure, what it counts, and what is known of it.
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { colourOf, type Tone } from '../words/tone.ts';
import css from './now.module.css';

export function Tile(props: {
  readonly name: string;
  readonly tone: Tone;
  readonly glyph: string;
  readonly figure: string;
  readonly children: ReactNode;
}) {
  return (
    <div className={css.tile}>
      <Text size="sm" component="h3" fw={600}>
        {props.name}
      </Text>
      <Text component="p" c={colourOf(props.tone)} className={css.figure}>
        <span aria-hidden="true">{props.glyph} </span>
        {props.figure}
      </Text>
      <Text size="xs" component="div">
        {props.children}
      </Text>
    </div>
  );
}
