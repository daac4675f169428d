// Refuses what a browser was tricked into sending: a name that was rebound to this address, or a form on somebody else's page.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../domain/problem.ts';
import { isLoopback } from './address.ts';

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);
/** A probe of a load balancer asks by address; these routes say nothing but "alive". */
const anyHost = new Set(['/healthz', '/readyz']);

/** The first is what people type, the others are where the server listens. Asked for with each request: a port is known only once it listens. */
export function guardOrigins(api: FastifyInstance, origins: () => readonly [URL, ...URL[]]): void {
  api.addHook('onRequest', async (request) => {
    const own = origins();
    if (
      !anyHost.has(pathOf(request)) &&
      !own.some(({ protocol, host }) => same(`${protocol}//${request.headers.host ?? ''}`, protocol, host))
    )
      throw new Problem('not-permitted', {
        message: 'this server is not known by that name',
        hint: `use ${own[0].origin}; another name is given to rekey serve as --public-url`,
      });
    if (!safe.has(request.method) && isForeign(request, own))
      throw new Problem('not-permitted', {
        message: 'the request comes from a page of another site',
        hint: `use the console at ${own[0].origin}`,
      });
  });
}

export const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '';

/** On loopback all its names are one. */
function same(text: string, protocol: string, host: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const own = new URL(`${protocol}//${host}`);
  if (url.protocol !== protocol || url.pathname !== '/' || url.username !== '') return false;
  if (url.host === own.host) return true;
  return isLoopback(bare(url)) && isLoopback(bare(own)) && url.port === own.port;
}
const bare = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/**
 * Browsers say where a request comes from in Sec-Fetch-Site, which no page can forge. A form of a page with Referrer-Policy no-referrer has
 * the Origin "null": then that header alone tells. Clients that are no browser send neither.
 */
function isForeign({ headers }: FastifyRequest, own: readonly URL[]): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const { origin } = headers;
  if (origin === undefined) return false;
  return origin === 'null' ? site !== 'same-origin' : !own.some(({ protocol, host }) => same(origin, protocol, host));
}
