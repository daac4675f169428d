// Where a request came from, for the record.
import type { FastifyRequest } from 'fastify';
import type { From } from './access-services.ts';

export function fromOf(request: FastifyRequest): From {
  return { address: request.ip ?? null, agent: request.headers['user-agent'] ?? null };
}
