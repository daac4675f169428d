// Splits a selector into tokens that know their place; what cannot start a token is refused with the operator that was meant.
import { Problem } from '../problem.ts';

export type Token = { readonly type: 'word' | 'string' | 'sign' | 'end'; readonly text: string; readonly at: number };

/** Longer than any selector a person writes, short enough that one request cannot keep the parser busy. */
const longest = 20_000;
const signs = ['<=', '>=', '!=', '!~', '(', ')', ',', '=', '<', '>', '~'];
const slips: Record<string, string> = { '==': '=', '=~': '~', '<>': '!=', '&&': 'and', '||': 'or', '!': 'not' };
const wordCharacters = /[^\s()<>=!~,"'|&]+/y;
const around = 60;

/** The refusal with the text and a caret under the place; long selectors are shown in part. */
export function invalid(text: string, at: number, message: string, hint: string): Problem {
  const from = Math.max(0, at - around);
  const shown = text.slice(from, at + around).replaceAll(/\s/g, ' ');
  const column = at + 1;
  return new Problem('invalid-selector', {
    message: `${message}\n  ${shown}\n  ${' '.repeat(at - from)}^`,
    place: `column ${column}`,
    hint,
  });
}

function quoted(text: string, start: number): { value: string; end: number } {
  const quote = text[start];
  let value = '';
  for (let i = start + 1; i < text.length; i++) {
    const c = text[i];
    if (c === quote) return { value, end: i + 1 };
    if (c === '\\') {
      i++;
      const escaped = text[i];
      if (escaped !== '"' && escaped !== "'" && escaped !== '\\') {
        throw invalid(text, i - 1, 'a backslash stands before a quote or another backslash only', 'write \\\\ for one backslash');
      }
      value += escaped;
    } else value += c;
  }
  throw invalid(text, start, 'this quote is never closed', `add the closing ${quote}`);
}

export function tokens(text: string): Token[] {
  if (text.length > longest)
    throw invalid(text, longest, `a selector has at most ${longest} characters`, 'import a tag with owners.csv and select by it');
  const nul = text.indexOf('\0');
  if (nul >= 0) throw invalid(text, nul, 'a selector cannot hold the character U+0000', 'take it out');
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at++;
      continue;
    }
    const two = text.slice(at, at + 2);
    const slip = signs.includes(two) ? undefined : (slips[two] ?? slips[text[at] ?? '']);
    if (slip !== undefined) throw invalid(text, at, `"${slips[two] ? two : text[at]}" is not an operator here`, `write ${slip}`);
    const sign = signs.find((s) => text.startsWith(s, at));
    if (sign !== undefined) {
      found.push({ type: 'sign', text: sign, at });
      at += sign.length;
    } else if (text[at] === '"' || text[at] === "'") {
      const { value, end } = quoted(text, at);
      found.push({ type: 'string', text: value, at });
      at = end;
    } else {
      wordCharacters.lastIndex = at;
      const word = wordCharacters.exec(text)?.[0];
      if (word === undefined)
        throw invalid(text, at, `"${text[at]}" means nothing here`, 'join conditions with and, or; put odd values in quotes');
      found.push({ type: 'word', text: word, at });
      at += word.length;
    }
  }
  found.push({ type: 'end', text: '', at: text.length });
  return found;
}
