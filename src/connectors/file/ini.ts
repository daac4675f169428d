// INI files: `[section]` and `key = value`. A key is named section.key; both may hold dots themselves.
import { done, type Outcome, refused } from '../../kit/kit.ts';
import { append, asBytes, breaksLine, bytewise, eolOf, type Format, fromBytes, noKey, noLineBreak, splice, twice } from './format.ts';

type Entry = { readonly section: string; readonly key: string; readonly start: number; readonly end: number };
type Sheet = { readonly entries: readonly Entry[]; readonly sectionEnds: ReadonlyMap<string, number> };

const header = /^[ \t]*\[([^\]\r\n]*)\]/;
const pair = /^[ \t]*([^=:#;[ \t\r](?:[^=:\r\n]*[^=: \t\r\n])?)[ \t]*[=:][ \t]*/;

function sheet(text: string): Sheet {
  const entries: Entry[] = [];
  const sectionEnds = new Map<string, number>();
  let section = '';
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const lineEnd = newline < 0 ? text.length : newline;
    const line = text.slice(at, lineEnd).replace(/\r$/, '');
    const opened = header.exec(line);
    const match = opened === null ? pair.exec(line) : null;
    if (opened !== null) section = (opened[1] as string).replace(/^[ \t]+|[ \t]+$/g, '');
    if (match !== null) entries.push({ section, key: match[1] as string, ...valueIn(line, match[0].length, at) });
    if (opened !== null || match !== null) sectionEnds.set(section, Math.min(lineEnd + 1, text.length));
    at = lineEnd + 1;
  }
  return { entries, sectionEnds };
}

function valueIn(line: string, from: number, lineStart: number): { start: number; end: number } {
  const quoted = /^"(?:[^"\\]|\\.)*"|^'[^']*'/.exec(line.slice(from));
  if (quoted !== null) return { start: lineStart + from, end: lineStart + from + quoted[0].length };
  const comment = /(?:^|[ \t])[;#].*$/.exec(line.slice(from));
  const value = (comment === null ? line.slice(from) : line.slice(from, from + comment.index)).replace(/[ \t\r]+$/, '');
  return { start: lineStart + from, end: lineStart + from + value.length };
}

function decode(raw: string): string {
  if (raw.length > 1 && raw.startsWith('"') && raw.endsWith('"')) return raw.slice(1, -1).replace(/\\(["\\])/g, '$1');
  if (raw.length > 1 && raw.startsWith("'") && raw.endsWith("'")) return raw.slice(1, -1);
  return raw;
}

/** Without quotes where readers agree on the bare text (many take quotes as part of the value), with the quotes already there otherwise. */
function encode(value: string, present: string): string {
  if (present.startsWith("'") && !value.includes("'")) return `'${value}'`;
  const needsQuotes = value === '' || /["';#\\]|^\s|\s$/.test(value);
  if (present.startsWith('"') || needsQuotes) return `"${value.replace(/["\\]/g, '\\$&')}"`;
  return value;
}

function find(entries: readonly Entry[], ref: string): Outcome<Entry> {
  const wanted = asBytes(ref);
  const named = entries.filter(({ section, key }) => (section === '' ? key : `${section}.${key}`) === wanted);
  const [entry] = named;
  if (entry === undefined) return noKey(ref);
  return named.length > 1 ? twice(ref) : done(entry);
}

export const ini: Format = {
  keySyntax: '#section.key',
  read(content, ref) {
    const text = bytewise(content);
    const entry = find(sheet(text).entries, ref);
    return entry.kind === 'done' ? done(fromBytes(decode(text.slice(entry.value.start, entry.value.end)))) : entry;
  },
  write(content, ref, value, create) {
    if (breaksLine(value)) return noLineBreak('ini');
    const text = bytewise(content);
    const { entries, sectionEnds } = sheet(text);
    const entry = find(entries, ref);
    if (entry.kind === 'done') {
      const { start, end } = entry.value;
      return splice(text, { start, end, text: encode(asBytes(value), text.slice(start, end)) });
    }
    if (entry.fault.code !== 'not-found' || !create) return entry;
    return added(text, ref, encode(asBytes(value), ''), sectionEnds);
  },
};

/** A new key goes to the end of its section, a new section to the end of the file. */
function added(text: string, ref: string, value: string, sectionEnds: ReadonlyMap<string, number>): Outcome<Buffer> {
  const dot = ref.lastIndexOf('.');
  const section = asBytes(dot < 0 ? '' : ref.slice(0, dot));
  const key = asBytes(ref.slice(dot + 1));
  if (!pair.test(`${key} = x`)) return refused('unsupported', `${ref} is no key of an ini file`);
  const eol = eolOf(text);
  const end = section === '' ? (sectionEnds.get('') ?? 0) : sectionEnds.get(section);
  if (end === undefined) return append(text, `[${section}]${eol}${key} = ${value}`);
  const gap = end > 0 && text[end - 1] !== '\n' ? eol : '';
  return splice(text, { start: end, end, text: `${gap}${key} = ${value}${eol}` });
}
