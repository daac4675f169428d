// How a workload finds its secret in its own file, in each format consumers use. Readers of the lab: small, and strict about what is missing.
import { parse } from 'yaml';

/**
 * `line`: the whole file without its end of line · `dotenv:KEY` · `json:/a/b` and `yaml:/a/b` (RFC 6901 pointer) · `ini:section.key` ·
 * `pgpass:host:port:database:user` (the first line that matches, `*` in the file matches anything).
 */
export type CredentialFormat = string;

export function readCredential(content: string, format: CredentialFormat): string {
  const colon = format.indexOf(':');
  const kind = colon < 0 ? format : format.slice(0, colon);
  const place = colon < 0 ? '' : format.slice(colon + 1);
  const found = readers[kind]?.(content, place);
  if (found === undefined || found === '') throw new Error(`no secret at ${format}`);
  return found;
}

type Reader = (content: string, place: string) => string | undefined;

const readers: Readonly<Record<string, Reader>> = {
  line: (content) => content.replace(/\r?\n$/, ''),
  dotenv: (content, key) => {
    const line = lines(content).findLast((each) =>
      each
        .replace(/^\s*export\s+/, '')
        .trimStart()
        .startsWith(`${key}=`),
    );
    return line === undefined ? undefined : unquoted(line.slice(line.indexOf('=') + 1).trim());
  },
  json: (content, pointer) => at(JSON.parse(content), pointer),
  yaml: (content, pointer) => at(parse(content), pointer),
  ini: (content, place) => {
    const dot = place.lastIndexOf('.');
    const [section, key] = [place.slice(0, Math.max(0, dot)), place.slice(dot + 1)];
    let current = '';
    for (const line of lines(content)) {
      const header = line.match(/^\s*\[(.*)\]\s*$/);
      if (header !== null) current = (header[1] ?? '').trim();
      const equals = line.indexOf('=');
      if (current === section && equals > 0 && line.slice(0, equals).trim() === key) return unquoted(line.slice(equals + 1).trim());
    }
    return undefined;
  },
  pgpass: (content, place) => {
    const wanted = place.split(':');
    for (const line of lines(content)) {
      if (line.startsWith('#')) continue;
      const fields = pgpassFields(line);
      if (fields.length === 5 && wanted.every((each, n) => fields[n] === '*' || fields[n] === each)) return fields[4];
    }
    return undefined;
  },
};

const lines = (content: string): string[] => content.split(/\r?\n/);

function unquoted(text: string): string {
  if (/^'.*'$/s.test(text)) return text.slice(1, -1);
  if (/^".*"$/s.test(text)) return text.slice(1, -1).replace(/\\(["\\$`])/g, '$1');
  return text;
}

function at(document: unknown, pointer: string): string | undefined {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  let value: unknown = document;
  for (const step of steps) value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Five fields between unescaped colons; a backslash makes the next character plain. */
function pgpassFields(line: string): string[] {
  const fields = [''];
  for (let n = 0; n < line.length; n++) {
    const c = line[n] ?? '';
    if (c === '\\' && n + 1 < line.length) fields[fields.length - 1] += line[++n] ?? '';
    else if (c === ':' && fields.length < 5) fields.push('');
    else fields[fields.length - 1] += c;
  }
  return fields;
}
