// Reads the text form of a filter (RFC 4515) from the estate file. Errors name the column.
import type { Filter } from './filter.ts';

export class FilterError extends Error {}

export function parseFilter(source: string): Filter {
  const trimmed = source.trim();
  const reader = new Reader(trimmed.startsWith('(') ? trimmed : `(${trimmed})`);
  const filter = reader.filter(0);
  reader.end();
  return filter;
}

/** Deeper nesting than this is no filter a person wrote. */
const maxDepth = 64;

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }
  end(): void {
    if (this.#at !== this.#source.length) this.#fail('unexpected text after the filter');
  }
  filter(depth: number): Filter {
    if (depth > maxDepth) this.#fail('nested too deeply');
    this.#expect('(');
    const sign = this.#source[this.#at];
    const read = sign === '&' || sign === '|' ? this.#list(sign, depth) : sign === '!' ? this.#negation(depth) : this.#item();
    this.#expect(')');
    return read;
  }
  #list(sign: '&' | '|', depth: number): Filter {
    this.#at++;
    const parts: Filter[] = [];
    while (this.#source[this.#at] === '(') parts.push(this.filter(depth + 1));
    return { op: sign === '&' ? 'and' : 'or', parts };
  }
  #negation(depth: number): Filter {
    this.#at++;
    return { op: 'not', part: this.filter(depth + 1) };
  }
  #item(): Filter {
    const head = /^([A-Za-z0-9.;-]+)(~=|>=|<=|=)/.exec(this.#source.slice(this.#at));
    if (head === null) return this.#fail('expected attribute=value');
    const [whole, type, sign] = head as unknown as [string, string, '=' | '~=' | '>=' | '<='];
    this.#at += whole.length;
    const close = this.#source.indexOf(')', this.#at);
    const raw = this.#source.slice(this.#at, close < 0 ? this.#source.length : close);
    const pieces = raw.split('*').map((piece) => this.#value(piece));
    this.#at += raw.length;
    if (sign === '=' && raw === '*') return { op: 'present', type };
    if (pieces.length > 1 && sign === '=') return { op: 'substring', type, pieces };
    if (pieces.length > 1) return this.#fail(`* is not possible with ${sign}`);
    const op = ({ '=': 'equal', '~=': 'like', '>=': 'least', '<=': 'most' } as const)[sign];
    return { op, type, value: pieces[0] as Buffer };
  }
  #value(raw: string): Buffer {
    if (raw.includes('(')) this.#fail('write ( as \\28 inside a value');
    const out: Buffer[] = [];
    for (const [part] of raw.matchAll(/\\[0-9a-fA-F]{2}|[^\\]+|\\/g)) {
      if (part === '\\') this.#fail('a backslash stands before two hex digits (\\5c)');
      out.push(part.startsWith('\\') ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part, 'utf8'));
    }
    return Buffer.concat(out);
  }
  #expect(character: string): void {
    if (this.#source[this.#at] !== character) this.#fail(`expected ${character}`);
    this.#at++;
  }
  #fail(why: string): never {
    throw new FilterError(`column ${this.#at + 1}: ${why}`);
  }
}
