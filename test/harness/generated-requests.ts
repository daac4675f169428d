// Requests made from the API's own document, valid and broken, the same ones for the same seed.
import document from '../../openapi.json' with { type: 'json' };

export type Schema = { readonly [key: string]: unknown };
type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema: Schema };
type Content = { readonly [type: string]: { readonly schema: Schema } };
export type Operation = {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly parameters: readonly Parameter[];
  readonly body: Content | undefined;
  readonly replies: { readonly [status: string]: { readonly content?: Content } };
};
export type Asked = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly query: { readonly [name: string]: string };
  readonly headers: { readonly [name: string]: string };
  readonly payload?: string;
};
/** Values worth trying for a parameter or field of this name on this path, such as ids that exist. */
export type Known = (name: string, path: string) => readonly string[];

type Described = { parameters?: Parameter[]; requestBody?: { content: Content }; responses: Operation['replies'] };

export const operations: readonly Operation[] = Object.entries(
  document.paths as unknown as Record<string, Record<string, Described>>,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
    path,
    method: method.toUpperCase() as Operation['method'],
    parameters,
    body: requestBody?.content,
    replies: responses,
  })),
);

const components = document.components.schemas as unknown as Record<string, Schema>;
export const named = (ref: string): Schema => components[ref.split('/').at(-1) ?? ''] ?? {};

const odd = [
  '',
  ' ',
  '\u0000',
  '../..',
  '%',
  '%2e%2e%2f',
  "' or 1=1--",
  '<script>',
  '\u202e',
  '\ud800',
  '🜚'.repeat(50),
  'x'.repeat(5000),
  '-1',
  '99999999999999999999',
  'NaN',
  '1e999',
  '{"$gt":""}',
  '__proto__',
];
/** Where the numbers of JSON, of a column and of a schema end. */
const edges = [-1, 0, 32_768, 2_147_483_648, 9_007_199_254_740_991];
const plausible = ['all', 'R-00000001', 'alice', 'alice@example.test', '2030-01-01T00:00:00Z', 'AAAA'];

export class Requests {
  readonly #known: Known;
  #state: number;
  /** How often a value is no value of its kind. */
  #noise = 0;

  constructor(seed: number, known: Known = () => []) {
    this.#state = seed;
    this.#known = known;
  }

  /** mulberry32: small, seeded, good enough to pick with. */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }

  of({ path, method, parameters, body }: Operation, broken: boolean): Asked {
    this.#noise = broken ? 0.08 : 0;
    const query: Record<string, string> = {};
    let url = path;
    for (const { name, in: where, required, schema } of parameters) {
      if (where === 'path') url = url.replace(`{${name}}`, () => encodeURIComponent(wellFormed(this.#text(name, path, schema))));
      else if (where === 'query' && this.random() < (required === true && !broken ? 1 : 0.6))
        query[name] = wellFormed(this.#text(name, path, schema));
    }
    const content = Object.entries(body ?? {})[0];
    if (content === undefined) return { method, url, query, headers: {} };
    const [type, { schema }] = content;
    const text = type === 'application/json' ? JSON.stringify(this.#value(schema, '', path)) : this.#text(type, path, schema);
    const payload = broken && this.random() < 0.1 ? text.slice(0, -1) : text;
    const said = broken && this.random() < 0.05 ? this.pick(['text/plain', 'application/xml', '']) : type;
    return { method, url, query, headers: { 'content-type': said }, payload };
  }

  #text(name: string, path: string, schema: Schema): string {
    return String(this.#value(schema, name, path));
  }

  #value(schema: Schema, name: string, path: string, depth = 0): unknown {
    if (typeof schema.$ref === 'string') return this.#value(named(schema.$ref), name, path, depth);
    if (this.random() < this.#noise || depth > 6) return this.pick<unknown>([...odd, null, -1, 1e308, [], {}, true]);
    if (Array.isArray(schema.enum)) return this.pick(schema.enum);
    if ('const' in schema) return schema.const;
    for (const many of ['anyOf', 'oneOf', 'allOf'])
      if (Array.isArray(schema[many])) return this.#value(this.pick(schema[many] as Schema[]), name, path, depth + 1);
    switch (schema.type) {
      case 'null':
        return null;
      case 'integer':
        if (this.random() < this.#noise) return this.pick(edges);
        return 1 + Math.floor(this.random() * 199);
      case 'number':
        return this.random() * 100;
      case 'boolean':
        return this.random() < 0.5;
      case 'array':
        return Array.from({ length: 1 + Math.floor(this.random() * 3) }, () =>
          this.#value((schema.items ?? {}) as Schema, name, path, depth + 1),
        );
      case 'object':
        return this.#object(schema, path, depth);
      default:
        return this.#word(name, path);
    }
  }

  #object(schema: Schema, path: string, depth: number): object {
    const required = (schema.required ?? []) as readonly string[];
    const made: Record<string, unknown> = {};
    for (const [name, inner] of Object.entries((schema.properties ?? {}) as Record<string, Schema>)) {
      const chance = this.#noise > 0 ? 0.85 : required.includes(name) ? 1 : 0.5;
      if (this.random() < chance) made[name] = this.#value(inner, name, path, depth + 1);
    }
    if (this.random() < this.#noise) made[this.pick(odd)] = this.pick(odd);
    return made;
  }

  #word(name: string, path: string): string {
    const known = this.#known(name, path);
    if (known.length > 0 && this.random() < 0.85) return this.pick(known);
    return this.random() < 0.5 ? this.pick(plausible) : this.pick(odd);
  }
}

/** A lone surrogate cannot be written into an address. */
const wellFormed = (text: string): string =>
  text.replace(/[\ud800-\udfff](?![\udc00-\udfff])/g, (c, at) => (/[\ud800-\udbff]/.test(text[at - 1] ?? '') ? c : '\ufffd'));
