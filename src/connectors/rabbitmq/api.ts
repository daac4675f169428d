// One call of the management API with Rekey's own user: few, bounded in time, JSON checked, and no doubt about how each ended.
import type { Io, Secret } from '../../kit/kit.ts';
import { type Answer as Exchanged, exchange, retryAfterMs } from '../../protocols/http/exchange.ts';
import { type Endpoint, type Limits, limitsOf } from '../../protocols/tcp/dial.ts';

/** `reason` is the broker's own word for a refusal ("Login failed"); only known ones are looked for, none is shown. */
export type Answer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly json: unknown;
      readonly reason: string;
      readonly date?: Date;
      readonly retryAfterMs?: number;
    }
  | { readonly kind: 'not-sent' | 'no-answer'; readonly code: string };

/** Newest first: while a reset of Rekey's own user is under way, either may be the one that is taken. */
export type OwnSecrets = () => Promise<readonly Secret[]>;

export class Api {
  readonly endpoint: Endpoint;
  readonly #user: string;
  readonly #io: Io;
  readonly #secrets: OwnSecrets;

  constructor(endpoint: Endpoint, user: string, io: Io, secrets: OwnSecrets) {
    this.endpoint = endpoint;
    this.#user = user;
    this.#io = io;
    this.#secrets = secrets;
  }

  async call(method: string, path: string, body?: unknown, limits: Limits = limitsOf(this.#io)): Promise<Answer> {
    let secrets: readonly Secret[];
    try {
      secrets = await this.#secrets();
    } catch {
      return { kind: 'not-sent', code: noSecret };
    }
    let answer: Answer = { kind: 'not-sent', code: noSecret };
    for (const secret of secrets) {
      answer = await this.callAs(this.#user, secret, method, path, limits, body);
      if (answer.kind !== 'answered' || answer.reason !== loginFailed) return answer;
    }
    return answer;
  }

  async callAs(user: string, secret: Secret, method: string, path: string, limits: Limits, body?: unknown): Promise<Answer> {
    const { host, port, tls } = this.endpoint;
    const authorization = secret.use((bytes) => `Basic ${Buffer.concat([Buffer.from(`${user}:`), bytes]).toString('base64')}`);
    const answer = await exchange(
      {
        method,
        url: new URL(`${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}/api/${path}`),
        headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
      },
      { reach: 'private', ...tls },
      { timeoutMs: Math.max(1, limits.until - performance.now()), signal: limits.signal },
    );
    return read(answer, this.#io);
  }
}

function read(answer: Exchanged, io: Io): Answer {
  if (answer.kind !== 'answered') return answer;
  const json = jsonOf(answer.body);
  const reason = (json as { reason?: unknown } | null | undefined)?.reason;
  const date = Date.parse(answer.headers.date ?? '');
  const wait = retryAfterMs(answer.headers, io.now());
  return {
    kind: 'answered',
    status: answer.status,
    json,
    reason: typeof reason === 'string' ? reason : '',
    ...(Number.isFinite(date) ? { date: new Date(date) } : {}),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}

function jsonOf(body: Buffer): unknown {
  try {
    return body.length === 0 ? undefined : JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** In the place of an error code: our own password could not be had. */
export const noSecret = 'NO-SECRET';
/** The only word by which the API says that a password is wrong (or the user unknown). */
export const loginFailed = 'Login failed';
export const pathOf = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join('/');
