// Every route of the API with what it declares, as Fastify was given it; and requests that satisfy its paths.
import type { FastifyInstance, RouteOptions } from 'fastify';
import type { AccessServices } from '../../src/http/access-services.ts';
import { buildApi } from '../../src/http/api.ts';
import type { Authenticate } from '../../src/http/authorise.ts';
import type { Needs } from '../../src/http/needs.ts';
import type { Services } from '../../src/http/services.ts';
import { FakeServices } from '../cli/fake-services.ts';

export type Route = { readonly method: 'GET' | 'POST'; readonly url: string; readonly needs: Needs };

/** An API whose handlers all come to the same end, once they are reached. */
export function hollowApi(
  caller: Authenticate,
  reached: () => never,
  routes: Route[] = [],
  report?: (error: unknown) => void,
): FastifyInstance {
  const fake = new FakeServices();
  const services = new Proxy(fake as Services, {
    get: (_, key) => {
      if (key === 'changes') return { position: reached, between: reached }; // a stream of changes that never begins
      const value = (fake as unknown as Record<PropertyKey, unknown>)[key];
      return value === undefined || typeof value === 'function' ? reached : value;
    },
  });
  const access = new Proxy({} as AccessServices, { get: () => reached });
  return buildApi({
    services,
    access,
    caller,
    version: '0',
    ...(report === undefined ? {} : { report }),
    before: (api) => {
      api.addHook('onRoute', ({ method, url, config }: RouteOptions) => {
        for (const each of [method].flat())
          if (each !== 'HEAD')
            routes.push({
              method: each as Route['method'],
              url,
              needs: config?.needs as Needs,
            });
      });
    },
  });
}

export const filled = (url: string): string =>
  url.replaceAll(/:[a-z]+/gi, (name) => ({ ':kind': 'owners', ':id': 'R-00000001' })[name] ?? 'x');
