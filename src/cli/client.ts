// Typed calls to the API. What is shown to people comes out of here without control characters; refusals come out as Problems.

import type { Readable } from 'node:stream';
import createClient from 'openapi-fetch';
import { Problem, type ProblemCode, problems } from '../domain/problem.ts';
import type { paths } from '../http/api.gen.ts';
import type { Cli } from './cli.ts';
import { linesOf } from './lines.ts';
import { cleanAll } from './terminal.ts';
import type { Answer, Call, Transport } from './transport.ts';

export type Api = ReturnType<typeof createClient<paths>>;

export function apiOver(transport: Transport): Api {
  return createClient<paths>({
    baseUrl: 'http://rekey',
    fetch: async (request: Request) => {
      const url = new URL(request.url);
      const sent = request.method === 'POST' ? await request.text() : '';
      const type = request.headers.get('content-type');
      const answer = await transport({
        method: request.method === 'POST' ? 'POST' : 'GET',
        path: `${url.pathname}${url.search}`,
        headers: {
          accept: 'application/json, application/problem+json',
          ...(sent !== '' && type !== null ? { 'content-type': type } : {}),
        },
        ...(sent === '' ? {} : { body: sent }),
        signal: request.signal,
      });
      const body = await textOf(answer.body);
      return new Response(body === '' ? null : body, { status: answer.status, headers: answer.headers });
    },
  });
}

/** The data of a typed call, or its Problem thrown. */
export async function got<T>(cli: Cli, call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (error !== undefined || data === undefined) throw problemFrom(error, response.status);
  return cli.json ? data : cleanAll(data);
}

/** A call whose answer is read as it comes. */
export async function streamed(transport: Transport, call: Call): Promise<Answer> {
  const answer = await transport(call);
  if (answer.status < 400) return answer;
  const body = await textOf(answer.body);
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = undefined;
  }
  throw problemFrom(parsed, answer.status);
}

/** Rows of an NDJSON answer. A stream that breaks off without its result line is an error: half a list must not read as a list. */
export async function* rowsOf<Row>(cli: Cli, answer: Answer): AsyncGenerator<Row> {
  for await (const line of linesOf(answer.body)) {
    if (line === '') continue;
    const row = JSON.parse(line) as { type?: unknown; problem?: unknown }; // the API's own schema made this line
    if (row.type === 'result') return;
    if (row.type === 'problem') throw problemFrom(row.problem, 500);
    yield (cli.json ? row : cleanAll(row)) as Row;
  }
  throw new Problem('target-unreachable', { message: 'the answer broke off before its end', hint: 'run the command again' });
}

export async function textOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

export function problemFrom(body: unknown, status: number): Problem {
  const given = (body ?? {}) as {
    code?: unknown;
    detail?: unknown;
    place?: unknown;
    hint?: unknown;
    details?: unknown;
    requestId?: unknown;
  }; // checked member by member
  const code =
    typeof given.code === 'string' && given.code in problems
      ? (given.code as ProblemCode)
      : status === 404
        ? 'not-found'
        : status < 500
          ? 'usage'
          : 'internal';
  const message = typeof given.detail === 'string' ? given.detail : `the server answered ${status} without a reason`;
  const request = code === 'internal' && typeof given.requestId === 'string' ? ` (request ${given.requestId})` : '';
  return new Problem(
    code,
    {
      message: `${message}${request}`,
      ...(typeof given.place === 'string' ? { place: given.place } : {}),
      ...(typeof given.hint === 'string' ? { hint: given.hint } : {}),
    },
    Array.isArray(given.details) ? (given.details as Problem['details']) : [],
  );
}
