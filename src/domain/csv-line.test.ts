import { expect, it } from 'vitest';
import { csvLine } from './csv-line.ts';

it('a name that a spreadsheet would run is text, quotes and commas survive, and one line stays one line', () => {
  expect(csvLine(['=cmd|calc', '+1', '-2', '@x', ' =late'])).toBe("'=cmd|calc,'+1,'-2,'@x,' =late\r\n");
  expect(csvLine(['a,b', 'say "no"', 'two\r\nlines', null, ['x', 'y'], 3, true])).toBe(
    '"a,b","say ""no""",two\ufffd\ufffdlines,,x y,3,true\r\n',
  );
});

it('no cell begins a formula, whatever stands before it', () => {
  for (const start of ['=', '+', '-', '@', ' =', '\u00a0=', '\t=', '\r=', '\n='])
    expect(csvLine([`${start}cmd|' /C calc'!A0`])).not.toMatch(/^"?[\s\p{Cc}]*[=+\-@]/u);
});
