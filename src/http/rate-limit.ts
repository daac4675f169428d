// Nobody keeps the server from the others: so many requests a minute from one place, and 429 with the time to wait beyond that.
import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Hit, Limit, RateLimits } from './port.ts';
import { TooMany } from './retry-later.ts';

/** 100 a second: a busy office behind one address stays below it, a loop does not. Sign-in has limits of its own, far lower. */
export const clientLimit: Limit = { limit: 6000, windowMs: 60_000 };
/** Reported to the store in portions of a 24th: a flood costs the store 24 statements a minute, not one each. */
const portions = 24;
/** Addresses remembered at once, about 100 bytes each. A flood from more of them pushes the oldest out. */
const mostClients = 20_000;

export function limitClients(api: FastifyInstance, limits: RateLimits, limit: Limit = clientLimit): void {
  const tally = new Tally(limits, limit);
  api.addHook('onRequest', async (request) => {
    if (request.routeOptions.url === '/healthz' || request.routeOptions.url === '/readyz') return;
    const { ok, retryAfterMs } = await tally.hit(placeOf(request.ip));
    if (!ok) throw new TooMany(retryAfterMs);
  });
}

/** A household has a /64 to itself: its addresses count as one. */
function placeOf(ip: string): string {
  if (isIP(ip) !== 6 || ip.includes('.')) return ip;
  const [head = '', tail = ''] = ip.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const missing = 8 - groups.length - tail.split(':').filter((group) => group !== '').length;
  return [...groups, ...Array.from({ length: missing }, () => '0'), ...tail.split(':')].slice(0, 4).join(':');
}

type Client = { unreported: number; closedUntil: number };

class Tally {
  readonly #limits: RateLimits;
  readonly #limit: Limit;
  readonly #portion: number;
  readonly #clients = new Map<string, Client>();

  constructor(limits: RateLimits, limit: Limit) {
    this.#limits = limits;
    this.#limit = limit;
    this.#portion = Math.max(1, Math.floor(limit.limit / portions));
  }

  async hit(key: string): Promise<Hit> {
    const client = this.#client(key);
    const now = performance.now();
    if (client.closedUntil > now) return { ok: false, retryAfterMs: client.closedUntil - now };
    client.unreported++;
    if (client.unreported < this.#portion) return { ok: true, retryAfterMs: 0 };
    const cost = client.unreported;
    client.unreported = 0;
    const hit = await this.#limits.hit(`client ${key}`, { ...this.#limit, cost });
    if (!hit.ok) client.closedUntil = now + hit.retryAfterMs;
    return hit;
  }

  #client(key: string): Client {
    const known = this.#clients.get(key) ?? { unreported: 0, closedUntil: 0 };
    // Last used, last in order.
    this.#clients.delete(key);
    this.#clients.set(key, known);
    const [oldest] = this.#clients.size > mostClients ? this.#clients.keys() : [];
    if (oldest !== undefined) this.#clients.delete(oldest);
    return known;
  }
}
