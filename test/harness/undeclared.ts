// What an answer holds that its schema in the API's document does not name: nothing is passed over because an object was left open.
import { named, type Schema } from './generated-requests.ts';

/** Places in the value that no schema declares, and places whose schema declares nothing. */
export function undeclared(schema: Schema, value: unknown, place = '$'): readonly string[] {
  if (typeof schema.$ref === 'string') return undeclared(named(schema.$ref), value, place);
  for (const many of ['anyOf', 'oneOf'])
    if (Array.isArray(schema[many])) {
      const tried = (schema[many] as Schema[]).map((one) => undeclared(one, value, place));
      return tried.reduce((least, found) => (found.length < least.length ? found : least));
    }
  if (Array.isArray(schema.allOf)) return [`${place}: allOf is not looked into`];
  if (Array.isArray(schema.enum)) return schema.enum.includes(value) ? [] : [`${place}: not one of its values`];
  if ('const' in schema) return schema.const === value ? [] : [`${place}: not its value`];
  if (Array.isArray(schema.type))
    return undeclared({ anyOf: (schema.type as string[]).map((type) => ({ ...schema, type })) }, value, place);
  switch (schema.type) {
    case 'object':
      return isObject(value) ? inObject(schema, value, place) : [`${place}: no object`];
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((one, n) => undeclared((schema.items ?? {}) as Schema, one, `${place}[${n}]`))
        : [`${place}: no array`];
    case 'integer':
    case 'number':
      return typeof value === 'number' ? [] : [`${place}: no number`];
    case 'null':
      return value === null ? [] : [`${place}: not null`];
    case 'string':
    case 'boolean':
      return typeof value === schema.type ? [] : [`${place}: no ${schema.type}`];
    default:
      return [`${place}: its schema declares nothing`];
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function inObject(schema: Schema, value: Record<string, unknown>, place: string): readonly string[] {
  const declared = (schema.properties ?? {}) as Record<string, Schema>;
  const rest = schema.additionalProperties;
  const missing = ((schema.required ?? []) as string[]).filter((name) => !(name in value)).map((name) => `${place}.${name}: missing`);
  const found = Object.entries(value).flatMap(([name, inner]) => {
    const own = Object.hasOwn(declared, name) ? declared[name] : isObject(rest) ? rest : undefined;
    return own === undefined ? [`${place}.${name}: not declared`] : undeclared(own, inner, `${place}.${name}`);
  });
  return [...missing, ...found];
}
