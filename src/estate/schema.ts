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
  const all = [...connectors.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const ids = all.filter((c) => c.role !== 'path').map((c) => c.id);
  const doors = all.filter((c) => c.supports === undefined || c.supports.probe === true).map((c) => c.id);
  const properties = member(member(schema, 'properties'), 'systems');
  const system = member(properties, 'items');
  const fields = member(system, 'properties');
  fields.connector = { ...member(fields, 'connector'), enum: ids };
  const configs: JsonSchema = {};
  for (const { id, config } of all) configs[`config-${id}`] = withoutDefs(jsonSchemaOf(config));
  const configFor = (key: string) => (id: string) => ({
    if: { properties: { [key]: { const: id } } },
    // biome-ignore lint/suspicious/noThenProperty: a key of JSON Schema, never awaited
    then: { properties: { config: { $ref: `#/$defs/config-${id}` } } },
  });
  system.allOf = ids.map(configFor('connector'));
  const door = member(member(fields, 'paths'), 'items');
  member(door, 'properties').probe = { ...member(member(door, 'properties'), 'probe'), enum: doors };
  door.allOf = doors.map(configFor('probe'));
  schema.$defs = { ...member(schema, '$defs'), ...configs };
  const { $schema, ...rest } = schema;
  return { $schema, $id: 'urn:rekey:schema:v1', title: 'Rekey estate file', ...rest };
}

/** A connector whose parser is no zod schema is taken as "anything": its own parser still checks it. */
function jsonSchemaOf(parser: unknown): JsonSchema {
  if (!(parser instanceof z.core.$ZodType)) return {};
  const made = z.toJSONSchema(parser, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any', reused: 'inline' });
  return JSON.parse(JSON.stringify(made)) as JsonSchema;
}

/** A configuration stands inside the estate's schema: what it names (SecretRef) is defined there once. */
function withoutDefs({ $defs: _, $schema: __, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

function member(schema: JsonSchema, key: string): JsonSchema {
  const inside = schema[key];
  if (typeof inside !== 'object' || inside === null || Array.isArray(inside)) throw new TypeError(`the estate's schema has no ${key}`);
  return inside as JsonSchema;
}
