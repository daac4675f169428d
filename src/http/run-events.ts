// Progress of a run as server-sent events: a snapshot when something changed, at most four a second, until the run ends or stands still.

import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { isEnded } from '../domain/run.ts';
import type { RunView } from '../domain/view.ts';
import type { Api, Door } from './door.ts';
import { plain, streamSchema } from './plain.ts';
import { problemBody, problemOf, problemReplies } from './problem-reply.ts';
import { idParams } from './query.ts';
import { runSchema } from './run-schema.ts';

/** People read no faster than 4 Hz. */
const fastest = 250;
/** A snapshot counts every item: looking may cost a tenth of the time at most, so a look of 100 ms is followed by 900 ms of rest. */
const restPerLook = 9;
const slowest = 5000;
/** Proxies drop a silent connection after 30–60 s. */
const heartbeat = 15_000;

export function runEventRoutes(api: Api, { services, caller, closing }: Door): void {
  api.get(
    '/v1/runs/:id/events',
    {
      config: { needs: 'run.read' },
      schema: {
        operationId: 'watchRun',
        summary:
          'Server-sent events: `progress` with the run, `end` when it has ended, `problem` when it cannot be read. A snapshot replaces all before it, so Last-Event-ID is accepted and not needed.',
        params: idParams,
        response: {
          200: { description: 'text/event-stream', content: { 'text/event-stream': { schema: streamSchema } } },
          ...problemReplies,
        },
      },
    },
    async (request, reply) => {
      const who = caller(request);
      const look = () => services.run(who, request.params.id);
      const first = await look();
      const gone = new AbortController();
      const stream = Readable.from(events(request.id, look, first, AbortSignal.any([closing, gone.signal])), { objectMode: false });
      stream.once('close', () => gone.abort());
      // Fastify closes the stream with the client's connection; `no-transform` keeps proxies from buffering.
      return reply
        .headers({
          'content-type': 'text/event-stream',
          connection: 'close',
          'cache-control': 'no-cache, no-transform',
          'x-accel-buffering': 'no',
        })
        .send(stream);
    },
  );
}

async function* events(requestId: string, look: () => Promise<RunView>, first: RunView, stop: AbortSignal): AsyncGenerator<string> {
  let id = 0;
  let run = first;
  let sent = '';
  let sentAt = Date.now();
  try {
    for (let cost = 0; ; ) {
      const data = JSON.stringify({ type: 'progress', run: z.encode(runSchema, plain(run)) });
      if (data !== sent) {
        sent = data;
        sentAt = Date.now();
        yield `id: ${++id}\nevent: progress\ndata: ${data}\n\n`;
      } else if (Date.now() - sentAt >= heartbeat) {
        sentAt = Date.now();
        yield ': still here\n\n';
      }
      if (isEnded(run.state)) {
        yield `id: ${++id}\nevent: end\ndata: {"type":"end"}\n\n`;
        return;
      }
      await delay(Math.min(slowest, Math.max(fastest, cost * restPerLook)), undefined, { signal: stop });
      const started = Date.now();
      run = await look();
      cost = Date.now() - started;
    }
  } catch (error) {
    if (stop.aborted) return;
    yield `id: ${++id}\nevent: problem\ndata: ${JSON.stringify({ type: 'problem', problem: problemBody(problemOf(error), requestId) })}\n\n`;
  }
}
