// PostgreSQL password files: host:port:database:user:password, with \: and \\ as libpq reads them.
import { done, type Outcome, refused } from '../../kit/kit.ts';
import { append, asBytes, breaksLine, bytewise, type Format, fromBytes, noKey, noLineBreak, splice, twice } from './format.ts';

type Entry = { readonly fields: readonly string[]; readonly start: number; readonly end: number };

const unescaped = (field: string): string => field.replace(/\\(.)/g, '$1');
/** libpq ends the password at a bare colon: both characters are escaped. */
const escaped = (value: string): string => value.replace(/[:\\]/g, '\\$&');

function fieldsOf(text: string): string[] {
  return (text.match(/(?:\\.|[^:\\])*(?::|$)/g) ?? []).slice(0, 4).map((field) => unescaped(field.replace(/:$/, '')));
}

function entries(text: string): Entry[] {
  const found: Entry[] = [];
  for (const match of text.matchAll(/^(?!#)((?:(?:\\.|[^:\\\r\n])*:){4})([^\r\n]*)/gm)) {
    const head = match[1] as string;
    const start = match.index + head.length;
    found.push({ fields: fieldsOf(head), start, end: start + (match[2] as string).length });
  }
  return found;
}

function find(text: string, key: string): Outcome<Entry> {
  const wanted = fieldsOf(asBytes(key));
  if (wanted.length !== 4) return refused('unsupported', `"${key}" is not host:port:database:user`);
  const named = entries(text).filter((entry) => entry.fields.every((field, n) => field === wanted[n]));
  const [entry] = named;
  if (entry === undefined) return noKey(key);
  return named.length > 1 ? twice(key) : done(entry);
}

export const pgpass: Format = {
  keySyntax: '#host:port:database:user',
  read(content, key) {
    const text = bytewise(content);
    const entry = find(text, key);
    if (entry.kind !== 'done') return entry;
    const raw = text.slice(entry.value.start, entry.value.end);
    return done(fromBytes(unescaped(/^(?:\\.|[^:\\])*/.exec(raw)?.[0] ?? '')));
  },
  write(content, key, value, create) {
    if (breaksLine(value)) return noLineBreak('pgpass');
    const text = bytewise(content);
    const entry = find(text, key);
    if (entry.kind === 'done') return splice(text, { ...entry.value, text: escaped(asBytes(value)) });
    if (entry.fault.code !== 'not-found' || !create) return entry;
    return append(text, `${fieldsOf(asBytes(key)).map(escaped).join(':')}:${escaped(asBytes(value))}`);
  },
};
