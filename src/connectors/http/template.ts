// Texts with {placeholders}: known names only, each value encoded for the place it stands in. No code, no conditions.

/** `{{` and `}}` are the braces themselves. */
const part = /\{\{|\}\}|\{([a-z]+)\}|[{}]/g;

export type Values = { readonly [name: string]: string | undefined };
/** A value that cannot stand where the template puts it; `why` holds no value. */
export class TemplateError extends Error {}

/** What is wrong with a template, or undefined. */
export function templateFault(template: string, allowed: readonly string[]): string | undefined {
  for (const [found, name] of template.matchAll(part)) {
    if (found === '{{' || found === '}}') continue;
    if (name === undefined) return `a single ${found} : write ${found}${found} for the brace itself`;
    if (!allowed.includes(name)) return `{${name}} means nothing here; known are ${allowed.map((each) => `{${each}}`).join(' ')}`;
  }
  return undefined;
}

export const namesIn = (template: string): readonly string[] => [...template.matchAll(part)].flatMap(([, name]) => name ?? []);

export function fill(template: string, values: Values, encode: (value: string) => string = (value) => value): string {
  return template.replace(part, (found, name: string | undefined) => {
    if (found === '{{') return '{';
    if (found === '}}') return '}';
    const value = name === undefined ? undefined : values[name];
    if (value === undefined) throw new TemplateError(`nothing is known for ${found}`);
    return encode(value);
  });
}

/** An empty value or a dot segment would make the path another one: /users//password, /users/../password. */
export function pathPart(value: string): string {
  if (value === '' || value === '.' || value === '..') throw new TemplateError('an empty value or a dot segment cannot stand in a path');
  return encodeURIComponent(value);
}

/** A line break would end the header and begin another; what is not ASCII has no agreed encoding there. */
export function headerPart(value: string): string {
  if (!/^[\x20-\x7e]*$/.test(value)) throw new TemplateError('a value with other than printable ASCII characters cannot stand in a header');
  return value;
}

/** Every text of a JSON value is a template; keys are not. */
export function fillJson(value: unknown, values: Values): unknown {
  if (typeof value === 'string') return fill(value, values);
  if (Array.isArray(value)) return value.map((each) => fillJson(each, values));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, fillJson(inside, values)]));
  return value;
}

/** All texts of a JSON value, with their places. */
export function textsIn(value: unknown, path: readonly (string | number)[] = []): { path: readonly (string | number)[]; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inside]) => textsIn(inside, [...path, Array.isArray(value) ? Number(key) : key]));
}
