import { expect, it } from 'vitest';
import { csvLine } from './csv-line.ts';

it('a name that a spreadsheet would run is text, quotes and commas survive, and one line stays one line', () => {
  expect(csvLine(['=cmd|calc', '+1', '-2', '@x', ' =late'])).toBe("'=cmd|calc,'+1,'-2,'@x,' =late\r\n");
  expect(csvLine(['a,b', 'say "no"', 'two\r\nlines', null, ['x', 'y'], 3, true])).toBe('"a,b","say ""no""",two  lines,,x y,3,true\r\n');
});

it('no cell begins a formula, whatever blank stands before it', () => {
  for (const start of ['=', '+', '-', '@', ' =', '\u00a0=', '\t=', '\n=']) expect(csvLine([`${start}cmd|' /C calc'!A0`])).toMatch(/^'/);
});
