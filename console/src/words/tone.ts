// The five meanings a colour may have here. A tone never stands alone: a word and a glyph are beside it.
export type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'plain';

const colours: Readonly<Record<Tone, string>> = {
  good: 'var(--rk-good)',
  warn: 'var(--rk-warn)',
  bad: 'var(--rk-bad)',
  calm: 'var(--rk-calm)',
  plain: 'inherit',
};

export const colourOf = (tone: Tone): string => colours[tone];
