// The OpenAPI 3.1 document, collected from the routes themselves: what it says is what is validated and stripped.
import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { AccessServices } from './access-services.ts';
import { buildApi } from './api.ts';
import type { Services } from './services.ts';

/** Never called: the routes are collected, not run. */
const nobody = new Proxy({} as Services & AccessServices, {
  get: () => {
    throw new Error('the OpenAPI document is built without services');
  },
});

type Schemas = { [name: string]: unknown };

export async function openapi(): Promise<Record<string, unknown>> {
  const api = buildApi({
    services: nobody,
    access: nobody,
    caller: () => null,
    version: 'v1',
    before: (instance) => {
      instance.register(swagger, {
        openapi: {
          openapi: '3.1.0',
          info: {
            title: 'Rekey',
            version: 'v1',
            description:
              'Resets every credential an incident touched and proves the old ones open nothing. Errors are RFC 9457 problems; lists are keyset pages; long answers are NDJSON.',
            license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
          },
        },
        transform: jsonSchemaTransform,
        transformObject: jsonSchemaTransformObject,
      });
    },
  });
  await api.ready();
  const document = api.swagger() as unknown as { components?: { schemas?: Schemas } }; // narrowed to the part that is tidied
  await api.close();
  return tidy(document);
}

/** Every registered schema comes twice, as `X` and `XInput`; what nothing refers to is dropped. */
function tidy(document: { components?: { schemas?: Schemas } }): Record<string, unknown> {
  const schemas = document.components?.schemas ?? {};
  for (let dropped = true; dropped; ) {
    const text = JSON.stringify(document);
    const unused = Object.keys(schemas).filter((name) => !text.includes(`"#/components/schemas/${name}"`));
    for (const name of unused) delete schemas[name];
    dropped = unused.length > 0;
  }
  return JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
}
