// The typed API: same origin, the session's cookie, the CSRF token on what changes something, one idempotency key per act.
import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from '../../../src/http/api.gen.ts';
import { Refusal } from './refusal.ts';

export type Schemas = components['schemas'];
/** What the reading route of this path takes in its query. */
export type Query<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Q } } } ? NonNullable<Q> : never;

let csrf = '';
/** Handed out by GET /v1/session; kept in memory only. */
export function keepCsrf(token: string): void {
  csrf = token;
}

/** For the few calls that do not go through the typed client. */
export const csrfToken = (): string => csrf;

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method === 'GET') return undefined;
    request.headers.set('x-rekey-csrf', csrf);
    if (!request.headers.has('idempotency-key')) request.headers.set('idempotency-key', crypto.randomUUID());
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: 'same-origin' });
api.use(guard);

/** The data of a call, or its problem thrown as a Refusal. */
export async function got<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer: { data?: T; error?: unknown; response: Response };
  try {
    answer = await call;
  } catch {
    throw new Refusal({
      status: 0,
      code: 'offline',
      detail: 'The server does not answer.',
      hint: 'Check the network; the run goes on without this page.',
    });
  }
  if (answer.error !== undefined || answer.data === undefined) throw Refusal.from(answer.error, answer.response.status);
  return answer.data;
}
