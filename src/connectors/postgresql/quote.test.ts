// Whatever a name holds, read back by the server's own rules it is that name and nothing after it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identifier, literal } from './quote.ts';

/** The lexer's view of a text that starts with a quoted thing: its value, and what comes after it. */
function lex(text: string, quote: string, escapes: boolean): { value: string; rest: string } {
  let value = '';
  for (let n = 1; n < text.length; n++) {
    const c = text[n] ?? '';
    if (escapes && c === '\\') value += text[++n] ?? '';
    else if (c !== quote) value += c;
    else if (text[n + 1] === quote) value += text[++n] ?? '';
    else return { value, rest: text.slice(n + 1) };
  }
  throw new Error('unterminated');
}
const names = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', "'", '\\', ';', '-', 'x', ' ', 'é', '\n') }));

test('an identifier is read back as the name', () => {
  fc.assert(
    fc.property(names, (name) => {
      fc.pre(!name.includes('\0'));
      expect(lex(identifier(name), '"', false)).toEqual({ value: name, rest: '' });
    }),
  );
});

test('a literal is read back as the text under either setting of standard_conforming_strings', () => {
  fc.assert(
    fc.property(names, fc.boolean(), (text, standard) => {
      fc.pre(!text.includes('\0'));
      const sql = literal(text).trim();
      const isE = sql.startsWith('E');
      expect(lex(isE ? sql.slice(1) : sql, "'", isE || !standard)).toEqual({ value: text, rest: '' });
    }),
  );
});

test('NUL, which no name at the server can hold, is an error', () => {
  expect(() => identifier('a\0b')).toThrow(RangeError);
  expect(() => literal('a\0b')).toThrow(RangeError);
});
