// Reads one value for one field: the closed lists, tiers, durations and flags are checked here, with the word that was meant.
import { type Duration, type Field, millis, ruleOf, type Unit, units, type Value } from './ast.ts';
import { nearest } from './nearest.ts';
import { invalid, type Token } from './token.ts';

export const reserved = ['and', 'or', 'not', 'in'];
const century = 100 * units.y * 1000;

export function readValue(text: string, field: Field, token: Token): Value {
  if (token.type === 'end' || token.type === 'sign') {
    throw invalid(text, token.at, `expected a value for ${field}`, `for example: ${exampleOf(field)}`);
  }
  if (token.type === 'word' && reserved.includes(token.text.toLowerCase())) {
    throw invalid(
      text,
      token.at,
      `expected a value for ${field}, found the keyword ${token.text}`,
      `write "${token.text}" in quotes if that is the value`,
    );
  }
  const rule = ruleOf(field);
  if ('nullable' in rule && token.type === 'word' && token.text === 'none') return null;
  switch (rule.type) {
    case 'text':
      return token.text;
    case 'word': {
      if (rule.words.includes(token.text)) return token.text;
      const meant = nearest(token.text, rule.words);
      const list = `${rule.words.join(', ')}${rule.nullable ? ', none' : ''}`;
      throw invalid(text, token.at, `"${token.text}" is not a ${field}`, meant ? `did you mean ${meant}?` : `${field} is one of ${list}`);
    }
    case 'tier':
      if (/^[0-3]$/.test(token.text)) return Number(token.text);
      throw invalid(text, token.at, `"${token.text}" is not a tier`, 'a tier is 0 (control plane), 1, 2 or 3 (long tail)');
    case 'flag':
      if (token.text === 'true' || token.text === 'false') return token.text === 'true';
      throw invalid(text, token.at, `"${token.text}" is neither true nor false`, `write ${field}, or not ${field}`);
    case 'age':
      return readDuration(text, token);
  }
}

function readDuration(text: string, token: Token): Duration {
  const match = /^(\d{1,12})([smhdwy])$/.exec(token.text);
  if (match === null) {
    throw invalid(text, token.at, `"${token.text}" is not a duration`, 'a number and one of s, m (minutes), h, d, w, y: for example 90d');
  }
  const duration: Duration = { amount: Number(match[1]), unit: match[2] as Unit };
  if (millis(duration) > century) throw invalid(text, token.at, `"${token.text}" is more than a hundred years`, 'use a shorter age');
  return duration;
}

export function exampleOf(field: Field): string {
  const rule = ruleOf(field);
  switch (rule.type) {
    case 'text':
      return `${field} = ${field === 'system' ? 'corp-ldap' : '"…"'}`;
    case 'word':
      return `${field} = ${rule.words[0]}`;
    case 'tier':
      return 'tier <= 1';
    case 'age':
      return 'age > 90d';
    case 'flag':
      return field;
  }
}
