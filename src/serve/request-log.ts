// One line per request, by its route template and whoever was signed in; answers that cost nobody anything (health, files) are not told.
import type { FastifyInstance } from 'fastify';
import { callerName } from '../http/authorise.ts';
import type { Log } from './log.ts';

const quiet = new Set(['/healthz', '/readyz', '/metrics', '/*']);

export function logRequests(api: FastifyInstance, log: Log): void {
  api.addHook('onResponse', async (request, reply) => {
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    const status = reply.statusCode;
    const caller = callerName(request);
    if (quiet.has(route) && status < 400) return;
    log(status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info', status >= 400 ? 'request.refused' : 'request', {
      requestId: request.id,
      method: request.method,
      route,
      status,
      ms: Math.round(reply.elapsedTime),
      from: request.ip,
      ...(caller === undefined ? {} : { caller }),
    });
  });
}
