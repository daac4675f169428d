// Search filters as data: built from values, or parsed from the estate file (RFC 4515). A value is never pasted into filter text.
import { type Ber, bytes, group, text } from './ber.ts';

export type Filter =
  | { readonly op: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly op: 'not'; readonly part: Filter }
  | { readonly op: 'present'; readonly type: string }
  | { readonly op: 'equal' | 'least' | 'most' | 'like'; readonly type: string; readonly value: Buffer }
  | { readonly op: 'substring'; readonly type: string; readonly pieces: readonly Buffer[] };

export const present = (type: string): Filter => ({ op: 'present', type });
export const equal = (type: string, value: string): Filter => ({ op: 'equal', type, value: Buffer.from(value, 'utf8') });
export const and = (...parts: readonly Filter[]): Filter => ({ op: 'and', parts });
export const or = (...parts: readonly Filter[]): Filter => ({ op: 'or', parts });
export const not = (part: Filter): Filter => ({ op: 'not', part });

const context = {
  and: 0xa0,
  or: 0xa1,
  not: 0xa2,
  equal: 0xa3,
  substring: 0xa4,
  least: 0xa5,
  most: 0xa6,
  present: 0x87,
  like: 0xa8,
} as const;

export function filterBer(filter: Filter): Ber {
  switch (filter.op) {
    case 'and':
    case 'or':
      return group(context[filter.op], ...filter.parts.map(filterBer));
    case 'not':
      return group(context.not, filterBer(filter.part));
    case 'present':
      return text(filter.type, context.present);
    case 'substring': {
      const last = filter.pieces.length - 1;
      const piece = (value: Buffer, n: number) => (value.length === 0 ? [] : [bytes(value, n === 0 ? 0x80 : n === last ? 0x82 : 0x81)]);
      return group(context.substring, text(filter.type), group(0x30, ...filter.pieces.flatMap(piece)));
    }
    default:
      return group(context[filter.op], text(filter.type), bytes(filter.value));
  }
}

/** Attribute types a filter looks at: what must be read to decide it here. */
export function typesOf(filter: Filter): string[] {
  if ('parts' in filter) return filter.parts.flatMap(typesOf);
  return 'part' in filter ? typesOf(filter.part) : [filter.type];
}

/** Decides a filter over values already read (case-insensitive, as for names); ordering and approximate matches compare as text. */
export function matches(filter: Filter, valuesOf: (type: string) => readonly string[]): boolean {
  switch (filter.op) {
    case 'and':
      return filter.parts.every((part) => matches(part, valuesOf));
    case 'or':
      return filter.parts.some((part) => matches(part, valuesOf));
    case 'not':
      return !matches(filter.part, valuesOf);
    case 'present':
      return valuesOf(filter.type).length > 0;
    case 'substring':
      return valuesOf(filter.type).some((value) =>
        fits(
          value.toLowerCase(),
          filter.pieces.map((piece) => piece.toString('utf8').toLowerCase()),
        ),
      );
    default: {
      const wanted = filter.value.toString('utf8').toLowerCase();
      const holds = {
        equal: (v: string) => v === wanted,
        like: (v: string) => v === wanted,
        least: (v: string) => v >= wanted,
        most: (v: string) => v <= wanted,
      };
      return valuesOf(filter.type).some((value) => holds[filter.op](value.toLowerCase()));
    }
  }
}

function fits(value: string, pieces: readonly string[]): boolean {
  const first = pieces[0] ?? '';
  const last = pieces[pieces.length - 1] ?? '';
  if (!value.startsWith(first) || !value.endsWith(last) || value.length < first.length + last.length) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = value.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= value.length - last.length;
}
