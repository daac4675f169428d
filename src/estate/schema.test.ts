import { expect, test } from 'vitest';
import { sampleConnectors } from '../../test/harness/estate-connectors.ts';
import { estateSchema } from './schema.ts';

test('the published schema names every connector and brings its settings along', () => {
  const schema = JSON.parse(JSON.stringify(estateSchema(sampleConnectors)));
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(schema.additionalProperties).toBe(false);
  expect(schema.required).toEqual(['apiVersion', 'estate', 'systems']);
  const system = schema.properties.systems.items;
  expect(system.properties.connector.enum).toEqual(['file', 'ldap', 'radius', 'twin']);
  const ldap = system.allOf.find(
    (rule: { if: { properties: { connector: { const: string } } } }) => rule.if.properties.connector.const === 'ldap',
  );
  expect(ldap.then.properties.config).toEqual({ $ref: '#/$defs/config-ldap' });
  expect(Object.keys(schema.$defs['config-ldap'].properties)).toEqual(['url', 'ca', 'base', 'bind']);
  expect(system.properties.limits.properties.concurrency).toMatchObject({ type: 'integer', exclusiveMinimum: 0 });
});
