// A TCP proxy that loses exactly what a test says: the answer to one request, the request itself, or every connection. Protocol-agnostic.
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Which client write is hit. `n`: the next n writes, whatever they hold. A Buffer: a write that contains it, also across two chunks.
 * `afterBytes`: the write that brings a connection's total to N or more. Under TLS only the counts make sense.
 */
export type Trigger = number | Buffer | { readonly afterBytes: number } | ((write: Buffer) => boolean);

/** `times`: how many writes are hit (default 1). `sees`: what the client sees: FIN, RST, or silence until it gives up. */
export type Fault = { readonly times?: number; readonly sees?: 'close' | 'reset' | 'hang' };

/** `hit` resolves at the first hit; `answered` once the target has answered a swallowed request, so its effect can be read there. */
export type Armed = { readonly hits: number; readonly hit: Promise<void>; readonly answered: Promise<void>; disarm(): void };

export type Swallow = {
  readonly port: number;
  /** Connections the proxy holds now. */
  readonly connections: number;
  /**
   * The target gets the request and answers; the answer is dropped and the client's connection ends. On a multiplexed connection the first
   * bytes after the request count as its answer.
   */
  swallowReplies(trigger: Trigger, fault?: Fault): Armed;
  /** The request never reaches the target, and the client's connection ends. */
  loseRequests(trigger: Trigger, fault?: Fault): Armed;
  /** New connections get ECONNREFUSED; those already open stay. */
  refuse(): Promise<void>;
  /** Undoes `refuse`. */
  accept(): Promise<void>;
  /** Every answer takes this much longer; 0 undoes it. */
  delay(ms: number): void;
  /** Resets every open connection now; says how many. */
  cut(): number;
  stop(): Promise<void>;
};

type Rule = {
  trigger: Trigger;
  left: number;
  sees: 'close' | 'reset' | 'hang';
  reply: boolean;
  hits: number;
  onHit: () => void;
  onAnswer: () => void;
};
type Link = { readonly client: Socket; readonly upstream: Socket; sent: number; tail: Buffer; rule: Rule | undefined; due: Promise<void> };

/** After a swallowed answer the target keeps its connection this long, so that requests already sent to it are not aborted by our close. */
const drainMs = 250;
/** A target that never answers a swallowed request does not hold the proxy for ever. */
const answerMs = 30_000;

export async function startSwallow(options: { readonly target: { readonly host: string; readonly port: number } }): Promise<Swallow> {
  const links = new Set<Link>();
  let rules: Rule[] = [];
  let delayMs = 0;
  let server: Server | undefined = await listen(0, open);
  const { port } = server.address() as { port: number };

  function open(client: Socket): void {
    const upstream = connect({ ...options.target, allowHalfOpen: true });
    const link: Link = { client, upstream, sent: 0, tail: Buffer.alloc(0), rule: undefined, due: Promise.resolve() };
    links.add(link);
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    client.on('data', (chunk: Buffer) => fromClient(link, chunk));
    upstream.on('data', (chunk: Buffer) => fromTarget(link, chunk));
    upstream.on('timeout', () => upstream.destroy());
    client.on('end', () => link.rule === undefined && upstream.end());
    upstream.on('end', () => void link.due.then(() => link.rule === undefined && client.end()));
    // A target that refuses or resets is shown to the client as a reset; a client that goes takes its upstream with it.
    upstream.on('error', () => link.rule === undefined && client.resetAndDestroy());
    client.on('error', () => upstream.destroy());
    client.on('close', () => {
      if (link.rule === undefined) upstream.destroy();
      if (upstream.destroyed) links.delete(link);
    });
    upstream.on('close', () => {
      if (client.destroyed) links.delete(link);
    });
  }

  function fromClient(link: Link, chunk: Buffer): void {
    link.sent += chunk.length;
    if (link.rule === undefined) {
      const seen = Buffer.concat([link.tail, chunk]);
      const rule = rules.find((each) => each.left > 0 && matches(each.trigger, seen, chunk, link.sent));
      // Bytes that completed a match are not offered again: one request is one hit.
      link.tail = rule === undefined ? Buffer.from(seen.subarray(Math.max(0, seen.length - longestPattern(rules) + 1))) : Buffer.alloc(0);
      if (rule !== undefined) strike(link, rule);
    }
    if (link.rule !== undefined && !link.rule.reply) return;
    if (!link.upstream.write(chunk)) {
      link.client.pause();
      link.upstream.once('drain', () => link.client.resume());
    }
  }

  function strike(link: Link, rule: Rule): void {
    rule.left -= 1;
    rule.hits += 1;
    rule.onHit();
    link.rule = rule;
    if (rule.reply) {
      link.upstream.setTimeout(answerMs);
      return;
    }
    link.upstream.destroy();
    endClient(link, rule);
  }

  function fromTarget(link: Link, chunk: Buffer): void {
    const rule = link.rule;
    if (rule !== undefined) {
      rule.onAnswer();
      link.upstream.setTimeout(drainMs);
      endClient(link, rule);
      return;
    }
    const dueAt = Date.now() + delayMs;
    link.due = link.due.then(() => later(dueAt)).then(() => forward(link, chunk));
  }

  function forward(link: Link, chunk: Buffer): void {
    if (link.rule !== undefined || link.client.destroyed) return;
    if (!link.client.write(chunk)) {
      link.upstream.pause();
      link.client.once('drain', () => link.upstream.resume());
    }
  }

  function arm(reply: boolean, trigger: Trigger, fault: Fault = {}): Armed {
    const times = typeof trigger === 'number' ? trigger : (fault.times ?? 1);
    const rule: Rule = { trigger, left: times, sees: fault.sees ?? 'close', reply, hits: 0, onHit: () => {}, onAnswer: () => {} };
    const hit = new Promise<void>((resolve) => (rule.onHit = resolve));
    const answered = new Promise<void>((resolve) => (rule.onAnswer = resolve));
    rules.push(rule);
    return {
      get hits() {
        return rule.hits;
      },
      hit,
      answered,
      disarm: () => {
        rules = rules.filter((each) => each !== rule);
      },
    };
  }

  async function refuse(): Promise<void> {
    // close() frees the port at once; its callback would wait for the connections that are to stay open.
    server?.close();
    server = undefined;
    await new Promise((resolve) => setImmediate(resolve));
  }
  function cut(): number {
    const open = [...links];
    for (const { client, upstream } of open) {
      client.resetAndDestroy();
      upstream.destroy();
    }
    return open.length;
  }

  return {
    port,
    get connections() {
      return links.size;
    },
    swallowReplies: (trigger, fault) => arm(true, trigger, fault),
    loseRequests: (trigger, fault) => arm(false, trigger, fault),
    refuse,
    accept: async () => {
      server ??= await listen(port, open);
    },
    delay: (ms) => {
      delayMs = ms;
    },
    cut,
    stop: async () => {
      await refuse();
      cut();
    },
  };
}

function listen(port: number, open: (client: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, open);
  return new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server)));
}

function matches(trigger: Trigger, seen: Buffer, chunk: Buffer, sent: number): boolean {
  if (typeof trigger === 'number') return true;
  if (typeof trigger === 'function') return trigger(chunk);
  if (Buffer.isBuffer(trigger)) return seen.includes(trigger);
  return sent >= trigger.afterBytes;
}

function longestPattern(rules: readonly Rule[]): number {
  return Math.max(1, ...rules.map(({ trigger }) => (Buffer.isBuffer(trigger) ? trigger.length : 1)));
}

function endClient(link: Link, rule: Rule): void {
  if (rule.sees === 'reset') link.client.resetAndDestroy();
  else if (rule.sees === 'close') link.client.destroy();
}

const later = (dueAt: number): Promise<void> | undefined => {
  const ms = dueAt - Date.now();
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined;
};
