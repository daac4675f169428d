// No route is reached by somebody who does not hold what it declares; a route that declares nothing cannot be added.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Caller, notPermitted, reachFor } from '../access/caller.ts';
import { Problem } from '../domain/problem.ts';

/** `stays`: somebody whose stream is still open; that is no use of the session, which idles on. */
export type Presence = 'asks' | 'stays';

/** Null = nobody signed in. Throws where somebody shows what does not hold: a wrong token is never taken for no token. */
export type Authenticate = (request: FastifyRequest, how?: Presence) => Caller | null | Promise<Caller | null>;

export type Guard = {
  readonly caller: (request: FastifyRequest) => Caller;
  /** On public routes: whoever is signed in, or null. */
  readonly asker: (request: FastifyRequest) => Caller | null;
};

const callers = new WeakMap<FastifyRequest, Caller>();

/** For the log: of whom the request turned out to be, never what somebody typed to sign in. */
export const callerName = (request: FastifyRequest): string | undefined => callers.get(request)?.name;

/** Before the body is read: what nobody may send is not taken in. */
export function guard(api: FastifyInstance, authenticate: Authenticate): Guard {
  api.addHook('onRoute', ({ method, url, config }) => {
    if (config?.needs === undefined) throw new Error(`${String(method)} ${url} does not say what it needs: config.needs`);
  });
  api.addHook('onRequest', async (request) => {
    if (request.is404) return;
    const needs = request.routeOptions.config.needs;
    const caller = await authenticate(request);
    if (caller !== null) callers.set(request, caller);
    if (needs === 'public') return;
    if (caller === null) throw notSignedIn();
    if (needs === 'signed-in') return;
    if (needs === undefined) throw new Error(`${request.routeOptions.url} was added before its guard`);
    if (reachFor(caller, needs) === undefined) throw notPermitted(caller, needs);
  });
  const asker = (request: FastifyRequest): Caller | null => callers.get(request) ?? null;
  return {
    asker,
    caller: (request) => {
      const caller = asker(request);
      if (caller === null) throw notSignedIn();
      return caller;
    },
  };
}

export function notSignedIn(): Problem {
  return new Problem('not-signed-in', { message: 'nobody is signed in', hint: 'sign in, or send a token: rekey login' });
}
