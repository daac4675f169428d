// Kept connections: a few that are bound as Rekey's own account and shared, and exclusive ones on which each probe binds afresh.
import type { Secret } from '../../kit/kit.ts';
import type { Endpoint } from './endpoint.ts';
import { Link, LinkError } from './link.ts';
import { bindRequest, policyError, ppolicyControl } from './message.ts';

export type Bind = { readonly dn: string; readonly password: () => Promise<Secret> };

/** The server serves one connection with about half of its threads, so a busy one gets a companion. */
const busy = 8;
const maxBound = 4;

/** Connections bound as Rekey's account. One that closed is forgotten; the next request opens and binds a new one, or fails saying why. */
export class BoundPool {
  readonly endpoint: Endpoint;
  readonly #bind: Bind;
  readonly #timeoutMs: number;
  #links: Link[] = [];
  #opening: Promise<Link> | undefined;
  #closed = false;

  constructor(endpoint: Endpoint, bind: Bind, timeoutMs: number) {
    this.endpoint = endpoint;
    this.#bind = bind;
    this.#timeoutMs = timeoutMs;
  }

  get peers(): readonly string[] {
    return this.#links.map((link) => link.peer);
  }

  async link(): Promise<Link> {
    if (this.#closed) throw closed();
    this.#links = this.#links.filter((link) => link.usable);
    let best: Link | undefined;
    for (const link of this.#links) if (best === undefined || link.load < best.load) best = link;
    if (best === undefined) return this.#grow();
    // A companion opens in the background: nobody waits for it, and its failure shows when it is the only one.
    if (best.load >= busy && this.#links.length < maxBound) this.#grow().catch(() => {});
    return best;
  }

  /** A connection of one's own, for state the server keeps per connection (paged results). The caller closes it. */
  async dedicated(): Promise<Link> {
    const link = await openBound(this.endpoint, this.#bind, this.#timeoutMs);
    if (!this.#closed) return link;
    link.close();
    throw closed();
  }

  #grow(): Promise<Link> {
    this.#opening ??= this.dedicated()
      .then((link) => {
        this.#links.push(link);
        return link;
      })
      .finally(() => {
        this.#opening = undefined;
      });
    return this.#opening;
  }

  close(): void {
    this.#closed = true;
    for (const link of this.#links) link.close();
  }
}

const closed = (): LinkError => new LinkError('exchange', 'ECLOSED', false);

async function openBound(endpoint: Endpoint, { dn, password }: Bind, timeoutMs: number): Promise<Link> {
  const secret = await password().catch((error: unknown) => {
    throw new LinkError('bind', 'no-password', false, error instanceof Error ? error.message : 'the bind password cannot be read');
  });
  const link = await Link.open(endpoint, timeoutMs);
  try {
    const answer = await secret.use((bytes) => {
      // An empty password would bind as nobody and say "success" (RFC 4513 section 5.1.2).
      if (bytes.length === 0) throw new LinkError('bind', 'empty', false, 'the bind password is empty');
      return link.request(bindRequest(dn, bytes), [ppolicyControl], true);
    });
    if (answer.code !== 0) throw new LinkError('bind', String(answer.code), false, answer.message);
    if (policyError(answer) === 2) throw new LinkError('bind', 'must-change', false, 'the bind password must be changed first');
    return link;
  } catch (error) {
    link.close();
    throw error instanceof LinkError && error.stage === 'exchange' ? new LinkError('bind', error.code, false) : error;
  }
}

/** More parallel binds than this gain nothing on any server measured (28 k/s at 32). */
const maxProbes = 32;
/** A connection keeps the identity of its last bind: it does not stay open longer than the next probe is likely. */
const restMs = 1_000;

/** Exclusive connections for binds. A bind discards whatever identity the connection had (RFC 4511 section 4.2.1), also when it fails. */
export class ProbePool {
  readonly #endpoint: Endpoint;
  readonly #timeoutMs: number;
  readonly #all = new Set<Link>();
  #idle: { readonly link: Link; readonly since: number }[] = [];
  #queue: (() => void)[] = [];
  #count = 0;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(endpoint: Endpoint, timeoutMs: number) {
    this.#endpoint = endpoint;
    this.#timeoutMs = timeoutMs;
  }

  get peers(): readonly string[] {
    return [...this.#all].map((link) => link.peer);
  }

  async use<T>(work: (link: Link) => Promise<T>): Promise<T> {
    if (this.#closed) throw closed();
    if (this.#count >= maxProbes) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#count++;
    let link: Link | undefined;
    try {
      link = this.#rested() ?? (await this.#open());
      return await work(link);
    } finally {
      this.#count--;
      if (link !== undefined) this.#rest(link);
      this.#queue.shift()?.();
    }
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const link of this.#all) link.close();
    this.#all.clear();
    this.#idle = [];
  }

  #rested(): Link | undefined {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      if (last.link.usable) return last.link;
      this.#all.delete(last.link);
    }
    return undefined;
  }

  async #open(): Promise<Link> {
    const link = await Link.open(this.#endpoint, this.#timeoutMs);
    if (this.#closed) {
      link.close();
      throw closed();
    }
    this.#all.add(link);
    return link;
  }

  #rest(link: Link): void {
    if (!link.usable) {
      this.#all.delete(link);
      link.close();
      return;
    }
    this.#idle.push({ link, since: Date.now() });
    this.#timer ??= setInterval(() => this.#sweep(), restMs / 2).unref();
  }

  #sweep(): void {
    const before = Date.now() - restMs;
    const [old, young] = [this.#idle.filter(({ since }) => since < before), this.#idle.filter(({ since }) => since >= before)];
    this.#idle = young;
    for (const { link } of old) {
      this.#all.delete(link);
      link.close();
    }
    if (this.#all.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
