// Every error leaves the API as problem+json (RFC 9457) with a code of the closed list. An unknown error says nothing of its cause.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Problem, type ProblemCode, problems } from '../domain/problem.ts';
import { RetryLater } from './retry-later.ts';

const detailSchema = z.object({ message: z.string(), place: z.string().exactOptional(), hint: z.string().exactOptional() });

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]), // Object.keys loses the key type
    place: z.string().exactOptional(),
    hint: z.string().exactOptional(),
    details: z.array(detailSchema).exactOptional(),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' });
export type ProblemBody = z.output<typeof problemSchema>;

const content = { 'application/problem+json': { schema: problemSchema } };
/** Spread into every route's `response`, so that an error body is stripped to its declared fields too. */
export const problemReplies = {
  '4xx': { description: 'The request was refused; `code` says why and `hint` what to do.', content },
  '5xx': { description: 'Rekey or a target failed; nothing about the cause is in this body unless it is safe to show.', content },
};

/** `plan-stale` reads "Plan stale". */
function titleOf(code: ProblemCode): string {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `unfinished` and `still-running` have a success status in the table, for replies; thrown, they are refusals. */
function statusOf(code: ProblemCode): number {
  const { status } = problems[code];
  return status < 400 ? 409 : status;
}

export function problemBody(problem: Problem, requestId: string): ProblemBody {
  return {
    type: `urn:rekey:problem:${problem.code}`,
    title: titleOf(problem.code),
    status: statusOf(problem.code),
    detail: problem.message,
    code: problem.code,
    ...(problem.place === undefined ? {} : { place: problem.place }),
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    ...(problem.details.length === 0 ? {} : { details: [...problem.details] }),
    requestId,
  };
}

/** The Problem behind any thrown value. What is not a Problem becomes `internal` and keeps its message to itself. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const where = (error as FastifyError).validationContext ?? 'request'; // set by Fastify on every validation error
    const findings = error.validation.map((v) => ({
      place: `${where}${v.instancePath === '/' ? '' : v.instancePath.replaceAll('/', '.')}`,
      message: v.message ?? 'invalid',
    }));
    const first = findings[0] ?? { place: where, message: 'invalid' };
    return new Problem('usage', { ...first, hint: 'see the OpenAPI document for this route' }, findings.length > 1 ? findings : []);
  }
  const { statusCode, message } = (error ?? {}) as { statusCode?: unknown; message?: unknown }; // Fastify's own 4xx: size, media type, JSON syntax
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 && typeof message === 'string')
    return new Problem('usage', { message });
  return new Problem('internal', {
    message: 'an unexpected error happened; nothing more is shown here',
    hint: 'look for the request id in the log, or run again with REKEY_DEBUG=1',
  });
}

export function errorReply(report: (error: unknown, requestId: string) => void) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const problem = problemOf(error);
    if (problem.code === 'internal') report(error, request.id);
    const own = problem.code === 'usage' && error !== problem ? (error as { statusCode?: number }).statusCode : undefined; // 413 and 415 keep their number
    const body = { ...problemBody(problem, request.id), ...(own === undefined ? {} : { status: own }) };
    if (problem instanceof RetryLater) reply.header('retry-after', String(problem.retryAfterSeconds));
    return reply.code(body.status).type('application/problem+json').send(body);
  };
}
