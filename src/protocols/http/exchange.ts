// One HTTP exchange on a connection of its own: no redirects, no reuse, a bounded answer, an end in time, and "was it sent" told apart.
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { forbiddenCode, hostIsForbidden, pinnedLookup, type Reach } from './address.ts';

export type Request = {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
};
/** How a server is reached; `ca` is PEM text. */
export type Route = {
  readonly reach: Reach;
  readonly ca?: string;
  readonly servername?: string;
};
export type Limits = { readonly timeoutMs: number; readonly signal: AbortSignal };

/** `not-sent`: the server saw no request. `no-answer`: it may have acted on it. */
export type Answer =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }
  | { readonly kind: 'not-sent'; readonly code: string }
  | { readonly kind: 'no-answer'; readonly code: string };

/** A page of accounts is a few hundred kilobytes; more than this is no answer to anything Rekey asks. */
const mostBytes = 8 * 1024 * 1024;

/**
 * A connection per exchange: a kept one that the server has just closed would turn a write into a doubt, and a probe on a used one proves
 * the past.
 */
export function exchange(request: Request, route: Route, limits: Limits): Promise<Answer> {
  const { url } = request;
  if (limits.signal.aborted) return Promise.resolve({ kind: 'not-sent', code: 'ABORTED' });
  if (hostIsForbidden(url.hostname, route.reach)) return Promise.resolve({ kind: 'not-sent', code: forbiddenCode });
  const secure = url.protocol === 'https:';
  return new Promise((resolve) => {
    let sent = false;
    const timeout = AbortSignal.timeout(Math.ceil(limits.timeoutMs));
    const signal = AbortSignal.any([limits.signal, timeout]);
    const fail = (error: NodeJS.ErrnoException): void => {
      const code = limits.signal.aborted ? 'ABORTED' : timeout.aborted ? 'ETIMEDOUT' : (error.code ?? 'ERROR');
      resolve({ kind: sent ? 'no-answer' : 'not-sent', code });
    };
    const call = (secure ? httpsRequest : httpRequest)(url, {
      method: request.method,
      agent: false,
      lookup: pinnedLookup(route.reach),
      signal,
      headers: {
        'user-agent': 'rekey',
        'accept-encoding': 'identity',
        ...request.headers,
        ...(request.body === undefined ? {} : { 'content-length': String(request.body.length) }),
      },
      ...(secure ? { minVersion: 'TLSv1.2' as const } : {}),
      ...(secure && route.ca !== undefined ? { ca: route.ca } : {}),
      ...(secure && route.servername !== undefined ? { servername: route.servername } : {}),
    });
    call.once('socket', (socket) => socket.once(secure ? 'secureConnect' : 'connect', () => (sent = true)));
    call.once('error', fail);
    call.once('response', (answer) => collect(answer, resolve, fail));
    call.end(request.body);
  });
}

function collect(answer: IncomingMessage, resolve: (answer: Answer) => void, fail: (error: NodeJS.ErrnoException) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  answer.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= mostBytes) chunks.push(chunk);
    else {
      fail(Object.assign(new Error('too large'), { code: 'ETOOLARGE' }));
      answer.destroy();
    }
  });
  answer.once('error', fail);
  // Half an answer is none: what it would have said is unknown.
  answer.once('aborted', () => fail(Object.assign(new Error('cut off'), { code: 'ECONNRESET' })));
  answer.once('end', () =>
    resolve({ kind: 'answered', status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
  );
}

/** Retry-After as milliseconds from now: seconds or a date (RFC 9110 section 10.2.3). Never more than an hour, never less than a tenth of a second. */
export function retryAfterMs(headers: IncomingHttpHeaders, now: Date): number | undefined {
  const written = headers['retry-after'];
  if (written === undefined) return undefined;
  const ms = /^\d+$/.test(written.trim()) ? Number(written) * 1000 : Date.parse(written) - now.getTime();
  return Number.isFinite(ms) ? Math.min(3_600_000, Math.max(100, ms)) : undefined;
}

/** The authentication schemes a 401 asks for, in lower case. */
export function challenges(headers: IncomingHttpHeaders): readonly string[] {
  const written = headers['www-authenticate'];
  if (written === undefined) return [];
  // A scheme is a token at the start or after a comma that is followed by a space and no "=", or by nothing.
  return [...written.matchAll(/(?:^|,)\s*([A-Za-z][\w-]*)(?=\s+[^=\s]|\s*(?:,|$))/g)].map(([, scheme = '']) => scheme.toLowerCase());
}

/** The codes of a TLS handshake that failed on the server's certificate, not on the network. */
export function isTlsCode(code: string): boolean {
  return /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO|EPROTO/.test(code);
}
