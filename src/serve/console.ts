// Serves the built console: hashed files for ever, the page itself never from a cache and with a nonce of its own; every other path of it is the page.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pathOf } from './doors.ts';

/** From src/serve/ and from dist/serve/ alike. */
export const consoleFolder = fileURLToPath(new URL('../../dist/console', import.meta.url));

/** The bundler writes this where the page needs its nonce. */
const placeholder = '__CSP_NONCE__';
/** A name that carries a digest of its content never means anything else. */
const hashed = /^\/assets\/[^/]+-[A-Za-z0-9_-]{8,}\.[a-z0-9.]+$/;
/** Not the console's: an unknown one of these is an error for a program, not a page. */
const programs = /^\/(?:v1|metrics|healthz|readyz|openapi\.json)(?:\/|$)/;

export function serveConsole(api: FastifyInstance, folder = consoleFolder): void {
  api.register(async (scope) => {
    await scope.register(fastifyStatic, { serve: false, root: folder, preCompressed: true, dotfiles: 'ignore', index: false });
    scope.get('/*', { config: { needs: 'public' }, schema: { hide: true } }, (request, reply) => answer(folder, request, reply));
  });
}

async function answer(folder: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const path = pathOf(request);
  if (programs.test(path)) return reply.callNotFound() as unknown as FastifyReply; // it answers; its type says void
  const file = /\.[a-z0-9]+$/i.test(path) && path !== '/index.html';
  if (!file) return page(folder, reply);
  return hashed.test(path)
    ? reply.sendFile(path.slice(1), { maxAge: '365d', immutable: true })
    : reply.sendFile(path.slice(1), { maxAge: 0, cacheControl: true });
}

async function page(folder: string, reply: FastifyReply): Promise<FastifyReply> {
  const index = join(folder, 'index.html');
  if (!existsSync(index))
    return reply
      .code(503)
      .type('text/plain; charset=utf-8')
      .send('The console is not built here. The API answers under /v1.\nnext: npm run build\n');
  const html = (await readFile(index, 'utf8')).replaceAll(placeholder, reply.cspNonce());
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html);
}
