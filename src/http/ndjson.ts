// Streams rows as NDJSON in flat memory; the last line is {"type":"result"} or {"type":"problem"}. A row's undeclared fields are stripped.
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { problemBody, problemOf } from './problem-reply.ts';

export const ndjsonType = 'application/x-ndjson';

/** The first row is fetched before the headers leave, so that a refusal is a plain problem reply with its own status. */
export async function replyNdjson<Row>(reply: FastifyReply, schema: z.ZodType<Row>, rows: AsyncIterable<Row>): Promise<FastifyReply> {
  const source = rows[Symbol.asyncIterator]();
  const first = await source.next();
  return reply.type(ndjsonType).send(Readable.from(lines(reply.request.id, schema, source, first), { objectMode: false }));
}

async function* lines<Row>(
  requestId: string,
  schema: z.ZodType<Row>,
  source: AsyncIterator<Row>,
  first: IteratorResult<Row>,
): AsyncGenerator<string> {
  let count = 0;
  let ended = false;
  try {
    for (let step = first; !step.done; step = await source.next()) {
      count += 1;
      yield `${JSON.stringify(z.encode(schema, step.value))}\n`;
    }
    ended = true;
    yield `${JSON.stringify({ type: 'result', count })}\n`;
  } catch (error) {
    ended = true;
    yield `${JSON.stringify({ type: 'problem', problem: problemBody(problemOf(error), requestId) })}\n`;
  } finally {
    if (!ended) await source.return?.();
  }
}
