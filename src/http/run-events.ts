// Progress of a run as server-sent events: a snapshot when something changed, at most four a second, until the run ends or stands still.
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { isEnded } from '../domain/run.ts';
import type { RunView } from '../domain/view.ts';
import type { Api, Door } from './door.ts';
import { plain, streamSchema } from './plain.ts';
import { problemBody, problemOf, problemReplies } from './problem-reply.ts';
import { idParams } from './query.ts';
import { runSchema } from './run-schema.ts';
import { type Frame, heartbeatMs, lastEventId, Streams } from './sse.ts';

/** People read no faster than 4 Hz. */
const fastest = 250;
/** A snapshot counts every item: looking may cost a tenth of the time at most, so a look of 100 ms is followed by 900 ms of rest. */
const restPerLook = 9;
const slowest = 5000;

export function runEventRoutes(api: Api, { services, caller, lasting }: Door): void {
  const streams = new Streams();
  api.get(
    '/v1/runs/:id/events',
    {
      config: { needs: 'run.read' },
      schema: {
        operationId: 'watchRun',
        summary:
          'Server-sent events: `progress` with the run, `end` when it has ended, `problem` when it cannot be read. An id names the state it came with, so Last-Event-ID holds across restarts: what was seen is not sent again, and 204 says that the end was seen.',
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
      const seen = lastEventId(request.headers);
      if (isEnded(first.state) && seen === endOf(snapshotOf(first).id)) return reply.code(204).send();
      return streams.send(reply, who.name, lasting(request, reply), (stop) => events(request.id, look, { first, seen, stop }));
    },
  );
}

type From = { readonly first: RunView; readonly seen: string | undefined; readonly stop: AbortSignal };

async function* events(requestId: string, look: () => Promise<RunView>, { first, seen, stop }: From): AsyncGenerator<Frame> {
  let run = first;
  let sent = seen;
  let sentAt = 0;
  try {
    for (let cost = 0; ; ) {
      const { id, data } = snapshotOf(run);
      if (id !== sent) {
        sent = id;
        sentAt = Date.now();
        yield { id, event: 'progress', data };
      } else if (Date.now() - sentAt >= heartbeatMs) {
        sentAt = Date.now();
        yield {};
      }
      if (isEnded(run.state)) {
        yield { id: endOf(id), event: 'end', data: '{"type":"end"}' };
        return;
      }
      await delay(Math.min(slowest, Math.max(fastest, cost * restPerLook)), undefined, { signal: stop });
      const started = Date.now();
      run = await look();
      cost = Date.now() - started;
    }
  } catch (error) {
    if (stop.aborted) return;
    yield { event: 'problem', data: JSON.stringify({ type: 'problem', problem: problemBody(problemOf(error), requestId) }) };
  }
}

/** A snapshot replaces all before it, so its digest is all that has to be remembered of what was sent. */
function snapshotOf(run: RunView): { readonly id: string; readonly data: string } {
  const data = JSON.stringify({ type: 'progress', run: z.encode(runSchema, plain(run)) });
  return { id: createHash('sha256').update(data).digest('base64url').slice(0, 22), data };
}
const endOf = (id: string): string => `${id}.end`;
