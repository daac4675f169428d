// Three ways to the same API: a server's URL, the socket of a process that has the estate open, or the routes in this process. All stream.
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../domain/problem.ts';

export type Call = {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  readonly signal?: AbortSignal;
};
export type Answer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Readable };
export type Transport = (call: Call) => Promise<Answer>;

/** Headers must come within this; long work streams or is polled. Planning a million accounts takes under a minute. */
const answerWithin = 10 * 60_000;

/** `token`: shown as a bearer; over plain http only to this machine. */
export function urlTransport(base: string, token?: string): Transport {
  const root = checkedUrl(base);
  if (token !== undefined) assertPrivate(root);
  return async ({ method, path, headers, body, signal }) => {
    const late = AbortSignal.timeout(answerWithin);
    const wait = new AbortController();
    const giveUp = () => wait.abort();
    late.addEventListener('abort', giveUp);
    signal?.addEventListener('abort', giveUp);
    try {
      const answer = await fetch(new URL(`${root.pathname.replace(/\/$/, '')}${path}`, root), {
        method,
        redirect: 'error', // a reason or a confirmation is not sent on to another host
        signal: wait.signal,
        headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' ? body : (Readable.toWeb(body) as ReadableStream<Uint8Array>), duplex: 'half' as const }),
      } as RequestInit); // `duplex` is missing in the DOM's type
      return {
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        body: answer.body === null ? Readable.from([]) : Readable.fromWeb(answer.body as import('node:stream/web').ReadableStream),
      };
    } catch (error) {
      if (signal?.aborted) throw error;
      throw unreachable(base, late.aborted ? 'no answer in time' : causeOf(error));
    } finally {
      late.removeEventListener('abort', giveUp);
    }
  };
}

export function socketTransport(socketPath: string): Transport {
  return async ({ method, path, headers, body, signal }) => {
    const request = httpRequest({
      socketPath,
      method,
      path,
      headers: { host: 'rekey', ...headers },
      agent: false,
      ...(signal ? { signal } : {}),
    });
    const late = setTimeout(() => request.destroy(new Error('no answer in time')), answerWithin);
    try {
      const answered = once(request, 'response');
      if (typeof body === 'object') {
        // A refusal may come before the upload is read to its end: the answer is what counts, not the broken pipe.
        body.on('error', (error) => request.destroy(error));
        body.pipe(request);
      } else request.end(body);
      const [answer] = (await answered) as [import('node:http').IncomingMessage];
      return { status: answer.statusCode ?? 500, headers: flat(answer.headers), body: answer };
    } catch (error) {
      if (signal?.aborted) throw error;
      const why = causeOf(error);
      const problem = unreachable(socketPath, why);
      throw why === 'ECONNREFUSED' || why === 'ENOENT' ? new Unsent(problem) : problem;
    } finally {
      clearTimeout(late);
    }
  };
}

export function localTransport(api: FastifyInstance): Transport {
  return async ({ method, path, headers, body, signal }) => {
    const answer = await api.inject({
      method,
      url: path,
      payloadAsStream: true,
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { payload: body }),
      ...(signal === undefined ? {} : { signal }),
    });
    return { status: answer.statusCode, headers: flat(answer.headers), body: answer.stream() };
  };
}

/** Nobody was there to take the call: it can go elsewhere without being done twice. */
export class Unsent extends Problem {
  constructor({ code, message, place, hint }: Problem) {
    super(code, { message, ...(place === undefined ? {} : { place }), ...(hint === undefined ? {} : { hint }) });
  }
}

/** True when a process answers there. A socket file without one is what a killed process leaves behind. */
export async function listens(socketPath: string): Promise<boolean> {
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(2000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function checkedUrl(base: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(base);
  } catch {
    url = undefined;
  }
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new Problem('usage', {
      place: '--context',
      message: 'not the URL of a server (http or https, without a name or password in it)',
      hint: 'for example https://rekey.example.test',
    });
  }
  return url;
}

function assertPrivate({ protocol, hostname }: URL): void {
  if (protocol === 'https:' || /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)) return;
  throw new Problem('usage', {
    place: '--context',
    message: 'a token is not sent over plain http: anybody on the way could keep it',
    hint: 'name the server by its https address',
  });
}

function flat(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
  );
}

function causeOf(error: unknown): string {
  const cause = (error as { cause?: unknown }).cause ?? error; // fetch wraps the reason
  const { code, message } = cause as { code?: string; message?: string };
  return code ?? message ?? 'no connection';
}

function unreachable(place: string, why: string): Problem {
  return new Problem('target-unreachable', {
    place,
    message: `Rekey's API does not answer: ${why}`,
    hint: 'check the address, or leave --context and REKEY_URL out to work on the estate folder',
  });
}
