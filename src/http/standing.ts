// What lasts ends with the right to it: whoever listens is asked about again every few seconds, once for all that one browser or token has open.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Caller, reachFor } from '../access/caller.ts';
import type { Authenticate } from './authorise.ts';
import type { Needs } from './needs.ts';

/** The longest that a stream outlives its right. One look-up per browser or token: 1000 streams cost the store at most 100 a second. */
const askAgainMs = 10_000;

type Open = { readonly request: FastifyRequest; readonly was: Caller; readonly end: AbortController };

export class Standing {
  readonly #authenticate: Authenticate;
  readonly #report: (error: unknown) => void;
  readonly #everyMs: number;
  readonly #open = new Set<Open>();
  #timer: NodeJS.Timeout | undefined;

  constructor(authenticate: Authenticate, report: (error: unknown) => void, everyMs = askAgainMs) {
    this.#authenticate = authenticate;
    this.#report = report;
    this.#everyMs = everyMs;
  }

  /** Aborts when the caller is no longer signed in, or reaches by what the route needs something else than when the reply began. */
  of(request: FastifyRequest, reply: FastifyReply, was: Caller): AbortSignal {
    const one: Open = { request, was, end: new AbortController() };
    this.#open.add(one);
    this.#timer ??= setInterval(() => void this.#askAll(), this.#everyMs).unref();
    reply.raw.once('close', () => {
      this.#open.delete(one);
      if (this.#open.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
    return one.end.signal;
  }

  async #askAll(): Promise<void> {
    await Promise.all([...byCredential(this.#open).values()].map((streams) => this.#ask(streams)));
  }

  /** Of whom nothing can be learned is taken for gone: the client comes back with Last-Event-ID, and is told what it may know. */
  async #ask(streams: readonly Open[]): Promise<void> {
    const [first] = streams as [Open]; // a group has a first
    const asked = async () => this.#authenticate(first.request, 'stays');
    const now = await asked().catch((error: unknown) => {
      this.#report(error);
      return null;
    });
    for (const { request, was, end } of streams) if (now === null || !same(was, now, request.routeOptions.config.needs)) end.abort();
  }
}

function same(was: Caller, now: Caller, needs: Needs | undefined): boolean {
  if (needs === undefined || needs === 'public' || needs === 'signed-in') return was.identity === now.identity;
  const reach = reachFor(now, needs);
  return reach !== undefined && reach === reachFor(was, needs) && was.identity === now.identity;
}

function byCredential(all: Iterable<Open>): Map<string, Open[]> {
  const groups = new Map<string, Open[]>();
  for (const one of all) {
    const { authorization = '', cookie = '' } = one.request.headers;
    const key = `${authorization}\n${cookie}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}
