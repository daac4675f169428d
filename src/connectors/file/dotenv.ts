// NAME=value files. Values are written so that shells, systemd and the dotenv libraries read them alike, as far as one spelling can.
import { done, type Outcome, refused } from '../../kit/kit.ts';
import { append, asBytes, breaksLine, bytewise, type Format, fromBytes, noKey, noLineBreak, splice, twice } from './format.ts';

type Entry = {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly quote: '' | "'" | '"';
  readonly plain: boolean;
};

const assignment = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*/;
/** Characters every reader takes literally without quotes. */
const bare = /^[A-Za-z0-9_./:@%+,=^-]+$/;

/** All assignments, quoted values over several lines included, with the stretch each value takes. */
function entries(text: string): Entry[] {
  const found: Entry[] = [];
  let at = 0;
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const lineEnd = newline < 0 ? text.length : newline;
    const match = assignment.exec(text.slice(at, lineEnd));
    if (match === null) {
      at = lineEnd + 1;
      continue;
    }
    const start = at + match[0].length;
    const entry = valueAt(text, start, lineEnd, match[1] as string);
    found.push(entry);
    const next = text.indexOf('\n', entry.end);
    at = next < 0 ? text.length : next + 1;
  }
  return found;
}

function valueAt(text: string, start: number, lineEnd: number, name: string): Entry {
  const quote = text[start];
  if (quote === "'" || quote === '"') {
    const close = closing(text, start + 1, quote);
    // What follows the quotes must be white space or a comment; a shell would join anything else to the value.
    if (close > 0) return { name, start, end: close + 1, quote, plain: /^[ \t]*(?:\r?$|\r?\n|[ \t]#|$)/.test(text.slice(close + 1)) };
  }
  const raw = text.slice(start, lineEnd);
  const comment = /(?:^|[ \t])#.*$/.exec(raw);
  const value = (comment === null ? raw : raw.slice(0, comment.index)).replace(/[ \t\r]+$/, '');
  return { name, start, end: start + value.length, quote: '', plain: true };
}

function closing(text: string, from: number, quote: string): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\' && quote === '"') i++;
    else if (text[i] === quote) return i;
  }
  return -1;
}

function decode(text: string, entry: Entry): string {
  const raw = text.slice(entry.start, entry.end);
  if (entry.quote === '') return raw;
  const inner = raw.slice(1, -1);
  if (entry.quote === "'") return inner;
  return inner.replace(/\\([\\"$`nr])/g, (_, c: string) => (c === 'n' ? '\n' : c === 'r' ? '\r' : c));
}

/** The present quotes stay when they can hold the value; otherwise the plainest spelling that can. */
function encode(value: string, present: Entry['quote']): string {
  const fitsDouble = !/["\\$`]/.test(value);
  if (present === '"' && fitsDouble) return `"${value}"`;
  if (present === "'" && !value.includes("'")) return `'${value}'`;
  if (present === '' && bare.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  return `"${value.replace(/["\\$`]/g, '\\$&')}"`;
}

function find(text: string, key: string): Outcome<Entry> {
  const named = entries(text).filter((entry) => entry.name === key);
  const [entry] = named;
  if (entry === undefined) return noKey(key);
  if (named.length > 1) return twice(key);
  if (!entry.plain) return refused('unsupported', `the value of ${key} is pieced together from several quoted parts; write it as one`);
  return done(entry);
}

export const dotenv: Format = {
  keySyntax: '#NAME',
  read(content, key) {
    const text = bytewise(content);
    const entry = find(text, key);
    return entry.kind === 'done' ? done(fromBytes(decode(text, entry.value))) : entry;
  },
  write(content, key, value, create) {
    if (breaksLine(value)) return noLineBreak('dotenv');
    const text = bytewise(content);
    const entry = find(text, key);
    if (entry.kind === 'done') return splice(text, { ...entry.value, text: encode(asBytes(value), entry.value.quote) });
    if (entry.fault.code !== 'not-found' || !create) return entry;
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(key)) return refused('unsupported', `${key} is no name for a variable`);
    return append(text, `${key}=${encode(asBytes(value), '')}`);
  },
};
