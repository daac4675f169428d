// A flat look over YAML text before it is read: nesting that would end the process (an overflow inside a regular expression cannot be caught),
// and brackets and quotes never closed, which the reader itself only notices at the end of the file.
import { Lexer } from 'yaml';

const maxLevels = 64;
const maxIndent = 200;
/** Tokens with which the lexer marks a document, a plain scalar and the end of a broken flow: not part of the text. */
const markers = ['\u0002', '\u001f', '\u0018'];

export type Scan = {
  readonly deep?: { readonly offset: number; readonly message: string };
  readonly open?: { readonly offset: number; readonly what: 'quote' | 'bracket' };
};

export function scanYaml(text: string): Scan {
  const brackets: number[] = [];
  let offset = 0;
  let lineStart = true;
  let marks = 0;
  for (const token of new Lexer().lex(text)) {
    if (markers.includes(token)) continue;
    if (token === '{' || token === '[') brackets.push(offset);
    else if (token === '}' || token === ']') brackets.pop();
    else if (token === '-' || token === '?') marks++;
    if (brackets.length > maxLevels || marks > maxLevels)
      return { deep: { offset, message: `is nested more than ${maxLevels} levels deep` } };
    if (lineStart && token.length > maxIndent && token.trim() === '')
      return { deep: { offset, message: `is indented by more than ${maxIndent} spaces` } };
    if (unclosed(token)) return { open: { offset, what: 'quote' } };
    lineStart = token.endsWith('\n');
    if (lineStart) marks = 0;
    offset += token.length;
  }
  const last = brackets.at(-1);
  return last === undefined ? {} : { open: { offset: last, what: 'bracket' } };
}

const unclosed = (token: string): boolean => {
  const quote = token[0];
  return (quote === '"' || quote === "'") && (token.length === 1 || !token.endsWith(quote));
};
