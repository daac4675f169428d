// One stream that says what to fetch again: kinds and ids, no content, so that nothing is learned here that the routes would not tell.
import { z } from 'zod';
import type { Api, Door } from './door.ts';
import { Feed } from './feed.ts';
import { streamSchema } from './plain.ts';
import type { Change } from './port.ts';
import { problemReplies } from './problem-reply.ts';
import { type Frame, heartbeatMs, lastEventId, Streams } from './sse.ts';
import { toldTo } from './told-changes.ts';

/** One change of thousands of things is a change of everything: fetching a list again costs less than hearing of each. */
const mostChanges = 500;

export function estateEventRoutes(api: Api, { services, caller, lasting, report }: Door): void {
  const streams = new Streams();
  // Not asked for before anybody listens: the document of the API is built without services.
  const changes = {
    position: () => services.changes.position(),
    between: (from: string, to: string) => services.changes.between(from, to),
    ownOf: (all: readonly Change[], identity: string) => services.changes.ownOf(all, identity),
  };
  const feed = new Feed(changes, report);
  api.get(
    '/v1/events',
    {
      config: { needs: 'run.read' },
      schema: {
        operationId: 'watchEstate',
        summary:
          'Server-sent events: `change` with {type, id} of a run, plan, approval, system or notice that changed and that the caller may read, in batches of at most four a second; `reset` when what was missed is not known and everything is to be fetched again. Last-Event-ID holds for an hour, across restarts and servers.',
        querystring: z.strictObject({}),
        response: {
          200: { description: 'text/event-stream', content: { 'text/event-stream': { schema: streamSchema } } },
          ...problemReplies,
        },
      },
    },
    async (request, reply) => {
      const who = caller(request);
      const seen = lastEventId(request.headers);
      const start = await feed.position();
      return streams.send(reply, who.name, lasting(request, reply), (stop) =>
        events(feed, { seen, start, stop, tell: (all) => toldTo(who, all, changes) }),
      );
    },
  );
}

type From = {
  readonly seen: string | undefined;
  readonly start: string;
  readonly stop: AbortSignal;
  readonly tell: (all: readonly Change[]) => Promise<readonly Change[]>;
};

async function* events(feed: Feed, { seen, start, stop, tell }: From): AsyncGenerator<Frame> {
  // The position comes first, so that a client cut off before any change has one to come back with.
  if (seen === undefined) yield { id: start, event: 'open', data: '{"type":"open"}' };
  for await (const { position, changes } of feed.follow(seen ?? start, heartbeatMs, stop)) {
    if (changes === 'lost' || changes.length > mostChanges) {
      yield { id: position, event: 'reset', data: '{"type":"reset"}' };
      continue;
    }
    const told = await tell(changes);
    if (told.length === 0) yield { id: position };
    // A batch has been seen once its last event has: the id comes with that one.
    for (const [n, { type, id }] of told.entries())
      yield { ...(n === told.length - 1 ? { id: position } : {}), event: 'change', data: JSON.stringify({ type, id }) };
  }
}
