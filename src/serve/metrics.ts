// /metrics on the listener that everybody reaches: the figures, for this machine or for who has the token.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../domain/problem.ts';
import type { Figures } from './figures.ts';

export type MetricsOptions = {
  /** Asked for as a bearer token. Undefined: only loopback may ask. */
  readonly token: string | undefined;
  /** A proxy on this machine forwards everybody from loopback. */
  readonly proxied: boolean;
  readonly loopback: (ip: string) => boolean;
};

export function metrics(api: FastifyInstance, figures: Figures, options: MetricsOptions): void {
  figures.watch(api);
  api.register(async (scope) => {
    scope.get('/metrics', { config: { needs: 'public' }, schema: { hide: true } }, async (request, reply) => {
      assertMayRead(request, options);
      const { type, text } = await figures.read();
      return reply.type(type).send(text);
    });
  });
}

function assertMayRead(request: FastifyRequest, { token, proxied, loopback }: MetricsOptions): void {
  const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined ? !proxied && loopback(request.ip) : given !== undefined && same(given, token)) return;
  throw new Problem(given === undefined ? 'not-signed-in' : 'not-permitted', {
    message: 'metrics are for this machine, or for who has the token',
    hint: 'start the server with REKEY_METRICS_TOKEN and send it as a bearer token, or with --metrics-listen HOST:PORT',
  });
}

/** Digests are of one length, and comparing them takes one time. */
function same(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
