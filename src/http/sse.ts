// Server-sent events that cost a bounded amount: so many streams per member and in all, and a reader that does not read is cut off.
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { RetryLater, TooMany } from './retry-later.ts';

/** A console has two streams, a person a few tabs. */
const perMember = 20;
/** Each holds a connection and at most one event that was not taken yet. */
const inAll = 1000;
/** A reader that takes nothing for this long is gone or hostile: it comes back with Last-Event-ID. */
const stuckMs = 30_000;
/** Proxies drop a silent connection after 30–60 s. */
export const heartbeatMs = 15_000;

/** Without `event`: a sign of life, whose id moves the reader on without telling it anything. */
export type Frame = { readonly id?: string; readonly event?: string; readonly data?: string };

export class Streams {
  readonly #open = new Map<string, number>();
  readonly #stuckMs: number;
  #all = 0;

  constructor(stuck = stuckMs) {
    this.#stuckMs = stuck;
  }

  get open(): number {
    return this.#all;
  }

  /** `source` ends when the signal it is given aborts: the client went away, was cut off, or the server closes. */
  send(reply: FastifyReply, member: string, closing: AbortSignal, source: (stop: AbortSignal) => AsyncIterable<Frame>): FastifyReply {
    if (closing.aborted) throw new RetryLater('unavailable', { message: 'the server is stopping', hint: 'ask again in a moment' }, 2000);
    const release = this.#enter(member);
    const gone = new AbortController();
    const stream = Readable.from(
      this.#frames(source(AbortSignal.any([closing, gone.signal])), () => reply.raw.destroy()),
      {
        objectMode: false,
      },
    );
    // The stream itself closes only once its source has ended, and the source ends by this signal.
    reply.raw.once('close', () => gone.abort());
    stream.once('close', () => {
      gone.abort();
      release();
    });
    // Fastify closes the stream with the client's connection; `no-transform` keeps proxies from buffering.
    return reply
      .headers({
        'content-type': 'text/event-stream',
        connection: 'close',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      })
      .send(stream);
  }

  #enter(member: string): () => void {
    const mine = this.#open.get(member) ?? 0;
    if (mine >= perMember || this.#all >= inAll)
      throw new TooMany(5000, mine >= perMember ? `${perMember} event streams are open for you` : 'too many event streams are open');
    this.#open.set(member, mine + 1);
    this.#all++;
    return () => {
      this.#all--;
      const left = (this.#open.get(member) ?? 1) - 1;
      if (left === 0) this.#open.delete(member);
      else this.#open.set(member, left);
    };
  }

  /** The reader asks for the next event only when it has room: one that is not fetched in time means that nobody reads. */
  async *#frames(source: AsyncIterable<Frame>, cutOff: () => void): AsyncGenerator<string> {
    for await (const frame of source) {
      const late = setTimeout(cutOff, this.#stuckMs);
      try {
        yield textOf(frame);
      } finally {
        clearTimeout(late);
      }
    }
  }
}

function textOf({ id, event, data }: Frame): string {
  const about = id === undefined ? '' : `id: ${id}\n`;
  return event === undefined ? `: still here\n${about}\n` : `${about}event: ${event}\ndata: ${data}\n\n`;
}

/** What a client that comes back has seen last. */
export function lastEventId(headers: { readonly [name: string]: string | string[] | undefined }): string | undefined {
  const id = headers['last-event-id'];
  return typeof id === 'string' && id !== '' && id.length <= 100 ? id : undefined;
}
