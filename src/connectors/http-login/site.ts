// Fetches pages of one server as a browser without memory would: cookies of this one login, no redirects followed.
import type { Io, Probed } from '../../kit/kit.ts';
import { readCa } from '../../kit/settings.ts';
import { type Answer, exchange, type Route, retryAfterMs } from '../../protocols/http/exchange.ts';
import type { Page } from '../../protocols/http/page-rule.ts';
import type { Config } from './config.ts';

/** No page: the transport's code, or the server asked to wait. */
export type Failed = { readonly kind: 'failed'; readonly code: string; readonly retryAfterMs?: number };
type Headers = Readonly<Record<string, string>>;

/** Where a server asks to wait and does not say how long. */
const defaultWaitMs = 1000;

export const unanswered = (failed: Failed): Probed => ({
  verdict: 'indeterminate',
  code: failed.code,
  ...(failed.retryAfterMs === undefined ? {} : { retryAfterMs: failed.retryAfterMs }),
});

/** Throws a Problem when the CA file cannot be read. */
export const routeOf = (settings: Config, io: Io): Route => ({
  reach: 'private',
  ...(settings.ca === undefined ? {} : { ca: readCa(settings.ca, io, 'config.ca') }),
  ...(settings.servername === undefined ? {} : { servername: settings.servername }),
});

export class Site {
  readonly url: URL;
  readonly #fixed: Headers;
  readonly #route: Route;
  readonly #endsAt: number;
  readonly #signal: AbortSignal;
  readonly #now: () => Date;
  readonly #cookies = new Map<string, string>();

  /** All fetches of one login share its time: a page, a form and a check take no longer together than one call may. */
  constructor(settings: Config, address: string, route: Route, io: Io) {
    this.url = new URL(address);
    this.#fixed = settings.headers ?? {};
    this.#route = route;
    this.#endsAt = performance.now() + io.timeoutMs;
    this.#signal = io.signal;
    this.#now = () => io.now();
  }

  get(url: URL, headers: Headers = {}): Promise<Page | Failed> {
    return this.#fetch('GET', url, headers);
  }

  post(url: URL, fields: readonly (readonly [string, string])[]): Promise<Page | Failed> {
    const body = Buffer.from(new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString());
    // Frameworks that check where a form comes from take these two as the browser's word.
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      origin: this.url.origin,
      referer: `${this.url.origin}${this.url.pathname}`,
    };
    return this.#fetch('POST', url, headers, body);
  }

  async #fetch(method: string, url: URL, headers: Headers, body?: Uint8Array): Promise<Page | Failed> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const all = { accept: 'text/html,application/json', ...this.#fixed, ...headers, ...(cookie === '' ? {} : { cookie }) };
    const limits = { timeoutMs: Math.max(1, Math.ceil(this.#endsAt - performance.now())), signal: this.#signal };
    const answer = await exchange({ method, url, headers: all, ...(body === undefined ? {} : { body }) }, this.#route, limits);
    body?.fill(0);
    if (answer.kind !== 'answered') return { kind: 'failed', code: answer.code };
    if (answer.status === 429)
      return { kind: 'failed', code: '429', retryAfterMs: retryAfterMs(answer.headers, this.#now()) ?? defaultWaitMs };
    this.#keep(answer);
    return { status: answer.status, headers: answer.headers, text: answer.body.toString('utf8'), url };
  }

  #keep({ headers }: Extract<Answer, { kind: 'answered' }>): void {
    for (const line of headers['set-cookie'] ?? []) {
      const [, name, value = ''] = /^\s*([^=;]+)=([^;]*)/.exec(line) ?? [];
      if (name === undefined) continue;
      const expires = /;\s*expires=([^;]+)/i.exec(line)?.[1];
      const gone = /;\s*max-age=(0|-\d+)/i.test(line) || (expires !== undefined && Date.parse(expires) <= this.#now().getTime());
      if (gone) this.#cookies.delete(name.trim());
      else this.#cookies.set(name.trim(), value);
    }
  }
}
