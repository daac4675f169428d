// HTML that cannot be injected into: every value in a template is escaped, unless it is HTML that was made by a template itself.

/** Made by `html` alone. */
class Html {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

export type { Html };

type Value = Html | string | number | undefined | readonly (Html | undefined)[];

/** Safe as text and inside quoted attributes; never put a value into a script, a style or an unquoted attribute. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.reduce((made, part, n) => made + print(values[n - 1]) + part));
}

function print(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return value.map((each) => (each === undefined ? '' : each.toString())).join('');
}

/** A secret: escaped, and not one sign of it changed. */
export function verbatim(text: string): Html {
  return new Html(text.replace(special, (each) => entities[each] ?? ''));
}

const special = /[&<>"'`]/g;
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };
/** Controls and marks that turn the direction of a text come from imported names: they could hide what a name says. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function escaped(text: string): string {
  return text.replace(hidden, '\ufffd').replace(special, (each) => entities[each] ?? '');
}

/** Our own constant files, which stand between tags that need them as they are. */
export function trusted(constant: string): Html {
  return new Html(constant);
}
