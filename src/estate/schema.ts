// The published JSON Schema of rekey.yaml (draft 2020-12), made from the same structure that parses it: editors and the parser agree.
import { z } from 'zod';
import type { Json } from '../domain/json.ts';
import type { KnownConnectors } from './rules.ts';
import { estateShape } from './shape.ts';

/** Its name in the folder `.rekey` of an estate, where the editor line of rekey.yaml points. */
export const schemaFileName = 'rekey.schema.json';

type JsonSchema = { [key: string]: Json | undefined };

export function estateSchema(connectors: KnownConnectors): JsonSchema {
  const schema = jsonSchemaOf(estateShape);
  const ids = [...connectors.keys()].sort();
  const properties = member(member(schema, 'properties'), 'systems');
  const system = member(properties, 'items');
  const fields = member(system, 'properties');
  fields.connector = { ...member(fields, 'connector'), enum: ids };
  system.allOf = ids.map((id) => ({
    if: { properties: { connector: { const: id } } },
    // biome-ignore lint/suspicious/noThenProperty: a key of JSON Schema, never awaited
    then: { properties: { config: jsonSchemaOf(connectors.get(id)?.config) } },
  }));
  const { $schema, ...rest } = schema;
  return { $schema, $id: 'urn:rekey:schema:v1', title: 'Rekey estate file', ...rest };
}

/** A connector whose parser is no zod schema is taken as "anything": its own parser still checks it. */
function jsonSchemaOf(parser: unknown): JsonSchema {
  if (!(parser instanceof z.core.$ZodType)) return {};
  const made = z.toJSONSchema(parser, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any', reused: 'inline' });
  return JSON.parse(JSON.stringify(made)) as JsonSchema;
}

function member(schema: JsonSchema, key: string): JsonSchema {
  const inside = schema[key];
  if (typeof inside !== 'object' || inside === null || Array.isArray(inside)) throw new TypeError(`the estate's schema has no ${key}`);
  return inside as JsonSchema;
}
