// One JSON call to an HTTP server: every answer, refusal and silence is a value, nothing is followed or reused, and no message repeats
// what was sent.
import { type Fault, type FaultCode, type Io, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { type Answer, exchange, isTlsCode, type Route, retryAfterMs } from './exchange.ts';

/** `base` may have a path of its own; the segments of each call are put after it. */
export type Target = { readonly base: URL; readonly route: Route };

export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Each segment is escaped: an id never becomes a way to another place. Secrets are never part of an address. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** application/x-www-form-urlencoded, for OAuth. */
  readonly form?: Readonly<Record<string, string | undefined>>;
};

/** `body` is what JSON.parse gave; undefined = no JSON. `date` is the server's own clock, whole seconds. */
export type Reply =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly header: (name: string) => string | undefined;
      readonly body: unknown;
      readonly date: Date | undefined;
      readonly retryAfterMs: number | undefined;
    }
  | Exclude<Answer, { kind: 'answered' }>;
export type Answered = Extract<Reply, { kind: 'answered' }>;

export async function call(target: Target, asked: Call, io: Pick<Io, 'timeoutMs' | 'signal' | 'now'>): Promise<Reply> {
  const url = addressOf(target.base, asked);
  if (url === undefined) return { kind: 'not-sent', code: 'EPATH' };
  const [type, body] = bodyOf(asked);
  const headers = { accept: 'application/json', ...(type === undefined ? {} : { 'content-type': type }), ...asked.headers };
  const request = { method: asked.method, url, headers, ...(body === undefined ? {} : { body }) };
  const answer = await exchange(request, target.route, io);
  body?.fill(0);
  if (answer.kind !== 'answered') return answer;
  const date = Date.parse(answer.headers.date ?? '');
  const server = Number.isNaN(date) ? undefined : new Date(date);
  return {
    kind: 'answered',
    status: answer.status,
    header: (name) => [answer.headers[name.toLowerCase()]].flat()[0],
    body: parsed(answer.body),
    date: server,
    retryAfterMs: retryAfterMs(answer.headers, server ?? io.now()),
  };
}

/** Undefined: a segment that the URL syntax takes as a step up or as nothing. */
function addressOf(base: URL, { path, query = {} }: Call): URL | undefined {
  if (path.some((segment) => segment === '' || segment === '.' || segment === '..')) return undefined;
  const url = new URL(base);
  url.pathname = [url.pathname.replace(/\/+$/, ''), ...path.map(encodeURIComponent)].join('/');
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}

function bodyOf({ json, form }: Call): readonly [string, Buffer] | readonly [undefined, undefined] {
  if (json !== undefined) return ['application/json', Buffer.from(JSON.stringify(json))];
  if (form === undefined) return [undefined, undefined];
  const given = Object.entries(form).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return ['application/x-www-form-urlencoded', Buffer.from(new URLSearchParams(given).toString())];
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** `certain`: an answer with this status has changed nothing. */
export type Meaning = { readonly fault: FaultCode; readonly certain: boolean; readonly say: string };

/**
 * What statuses mean where the target's card says nothing else. A 302 may follow a change that was made; 307 and 308 ask to send the same again,
 * elsewhere: the credential is not sent there. A 5xx, also with Retry-After, may come after the change.
 */
export const statusMeanings: Readonly<Record<number, Meaning>> = {
  307: { fault: 'protocol', certain: true, say: 'the server sends us to another address: put that in config.url' },
  308: { fault: 'protocol', certain: true, say: 'the server sends us to another address: put that in config.url' },
  401: { fault: 'auth', certain: true, say: 'the server does not take the credential of Rekey' },
  403: { fault: 'permission', certain: true, say: 'the account of Rekey may not do this' },
  404: { fault: 'not-found', certain: true, say: 'the server has no such thing' },
  405: { fault: 'unsupported', certain: true, say: 'the server does not offer this' },
  409: { fault: 'conflict', certain: true, say: 'the server says that this conflicts with what it holds' },
  412: { fault: 'conflict', certain: true, say: 'somebody else changed it meanwhile' },
  413: { fault: 'protocol', certain: true, say: 'the request is too large for the server' },
  415: { fault: 'unsupported', certain: true, say: 'the server does not take this form of request' },
  429: { fault: 'throttled', certain: true, say: 'the server asks to wait' },
  501: { fault: 'unsupported', certain: true, say: 'the server does not offer this' },
  503: { fault: 'throttled', certain: false, say: 'the server is overloaded or in maintenance' },
};

/**
 * The outcome of a reply that is not the expected one. `own` wins over `statusMeanings`; a status in neither is in doubt. `text` must have
 * passed `quoted`.
 */
export function outcomeOf(reply: Reply, own: Readonly<Record<number, Meaning>> = {}, text = ''): Outcome<never> {
  if (reply.kind !== 'answered') {
    const more = { target: reply.code };
    if (reply.kind === 'no-answer') return indeterminate('unreachable', `no answer came (${reply.code})`, more);
    const say = isTlsCode(reply.code) ? 'no verified TLS connection' : 'no connection';
    return refused('unreachable', `${say} to the server, nothing was sent (${reply.code})`, more);
  }
  const { status } = reply;
  const known = own[status] ?? statusMeanings[status];
  const more: Partial<Fault> = {
    target: String(status),
    ...(reply.retryAfterMs === undefined && known?.fault !== 'throttled' ? {} : { retryAfterMs: reply.retryAfterMs ?? 1000 }),
  };
  if (known === undefined) return indeterminate('protocol', `the server answered ${status}, which does not say whether it was done`, more);
  return (known.certain ? refused : indeterminate)(known.fault, `${known.say} (${status})${text === '' ? '' : `: ${text}`}`, more);
}

/** What the server wrote, fit for a message: one short line, and nothing of it when a secret we sent is in it in any usual form. */
export function quoted(said: unknown, sent: readonly Secret[] = []): string {
  if (typeof said !== 'string') return '';
  const shown = said.replace(/[\s\p{C}]+/gu, ' ').trim();
  const repeats = sent.some((secret) =>
    secret.text((text) =>
      [text, encodeURIComponent(text), Buffer.from(text).toString('base64').replace(/=+$/, ''), JSON.stringify(text).slice(1, -1)].some(
        (form) => form !== '' && said.includes(form),
      ),
    ),
  );
  return repeats ? '' : shown.slice(0, 200);
}

/** A member of an object we did not make; undefined where there is none. */
export function member(value: unknown, ...names: readonly string[]): unknown {
  let at = value;
  for (const name of names) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name]; // just seen to be its own
  }
  return at;
}
export const textAt = (value: unknown, ...names: readonly string[]): string | undefined => {
  const found = member(value, ...names);
  return typeof found === 'string' ? found : undefined;
};
export const listAt = (value: unknown, ...names: readonly string[]): readonly unknown[] => {
  const found = member(value, ...names);
  return Array.isArray(found) ? found : [];
};
