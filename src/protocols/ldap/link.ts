// One LDAP connection: pipelined requests, a deadline for each, and the exact answer to "may the server have seen it". It never reconnects.
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Ber, elementSize } from './ber.ts';
import type { Endpoint } from './endpoint.ts';
import {
  type Answer,
  type Control,
  decodeMessage,
  type Entry,
  encodeMessage,
  type Received,
  startTlsRequest,
  unbindRequest,
} from './message.ts';

/** `stage`: how far it came. `sent`: bytes of this request may have reached the server, so its effect is unknown. */
export class LinkError extends Error {
  readonly stage: 'reach' | 'tls' | 'bind' | 'exchange';
  readonly code: string;
  readonly sent: boolean;

  constructor(stage: LinkError['stage'], code: string, sent: boolean, message = code) {
    super(message);
    this.stage = stage;
    this.code = code;
    this.sent = sent;
  }
}

type Waiting = { readonly deadline: number; entries: Entry[]; resolve(answer: Answer): void; reject(error: LinkError): void };
/** A single answer above this is not a directory's: stop before it fills the memory. */
const maxMessage = 64 * 1024 * 1024;
/** Ids stay in 31 bits (RFC 4511 section 4.1.1.1); they wrap long after the oldest request ended. */
const maxId = 0x7fffffff;

export class Link {
  readonly endpoint: Endpoint;
  readonly #timeoutMs: number;
  #socket: Socket;
  #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #rest: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;
  #corked = false;
  #ended = false;
  /** A request timed out: the answers still due are taken, no new request goes out. */
  #spent = false;

  private constructor(endpoint: Endpoint, socket: Socket, timeoutMs: number) {
    this.endpoint = endpoint;
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.#attach();
  }

  static async open(endpoint: Endpoint, timeoutMs: number): Promise<Link> {
    const tcp = await established(connectTcp({ host: endpoint.host, port: endpoint.port, noDelay: true }), 'connect', 'reach', timeoutMs);
    const link = new Link(endpoint, tcp, timeoutMs);
    try {
      if (endpoint.tls === 'starttls') {
        const { code, message } = await link.request(startTlsRequest);
        if (code !== 0) throw new LinkError('tls', String(code), false, `StartTLS refused: ${message || `code ${code}`}`);
      }
      if (endpoint.tls !== 'none') await link.#upgrade();
    } catch (error) {
      link.close();
      throw error instanceof LinkError && error.stage === 'exchange' ? new LinkError('tls', error.code, false) : error;
    }
    return link;
  }

  get usable(): boolean {
    return !this.#ended && !this.#spent;
  }
  get load(): number {
    return this.#waiting.size;
  }
  /** Our end, as the server's monitor shows it: `IP=127.0.0.1:40112`. */
  get peer(): string {
    const { localAddress = '', localPort = 0 } = this.#socket;
    return `IP=${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
  }

  /** `secret`: the encoded bytes are wiped once the kernel (or TLS) has taken them. */
  request(request: Ber, controls: readonly Control[] = [], secret = false): Promise<Answer> {
    if (!this.usable) return Promise.reject(new LinkError('exchange', 'ECLOSED', false));
    const id = this.#nextId;
    this.#nextId = id === maxId ? 1 : id + 1;
    const message = encodeMessage(id, request, controls);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { deadline: Date.now() + this.#timeoutMs, entries: [], resolve, reject });
      this.#timer ??= setTimeout(() => this.#expire(), this.#timeoutMs);
      this.#write(message, secret);
    });
  }

  close(): void {
    if (this.#ended) return;
    if (this.#socket.writable) this.#write(encodeMessage(this.#nextId, unbindRequest, []), false);
    this.#end('ECLOSED');
    this.#socket.end(() => this.#socket.destroy());
  }

  /** Requests of one tick leave in one write: with TLS one record instead of many. */
  #write(message: Buffer, secret: boolean): void {
    const socket = this.#socket;
    if (!this.#corked) {
      this.#corked = true;
      socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        socket.uncork();
      });
    }
    if (secret) socket.write(message, () => message.fill(0));
    else socket.write(message);
  }

  async #upgrade(): Promise<void> {
    const { host, ca, servername } = this.endpoint;
    const tcp = this.#socket;
    tcp.removeAllListeners();
    const name = servername ?? (isIP(host) === 0 ? host : undefined);
    const secure = connectTls({
      socket: tcp,
      host,
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca }),
      ...(name === undefined ? {} : { servername: name }),
    });
    this.#socket = await established(secure, 'secureConnect', 'tls', this.#timeoutMs);
    this.#attach();
  }

  #attach(): void {
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#end(error.code ?? 'ESOCKET'));
    this.#socket.on('close', () => this.#end('ECONNRESET'));
  }

  #receive(chunk: Buffer): void {
    let buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    try {
      for (;;) {
        const size = elementSize(buffer);
        if (size !== undefined && size > maxMessage) throw new Error('oversized');
        if (size === undefined || buffer.length < size) break;
        this.#deliver(decodeMessage(buffer.subarray(0, size)));
        buffer = buffer.subarray(size);
      }
      this.#rest = buffer;
    } catch {
      this.#end('EPROTO');
      this.#socket.destroy();
    }
  }

  #deliver(received: Received): void {
    const waiting = this.#waiting.get(received.id);
    // Id 0 is the notice of disconnection; any other stranger answers a request that timed out.
    if (waiting === undefined) {
      if (received.id === 0) this.#end('EDISCONNECTED');
      return;
    }
    if ('entry' in received) waiting.entries.push(received.entry);
    if (!('result' in received)) return;
    this.#waiting.delete(received.id);
    waiting.resolve({ ...received.result, entries: waiting.entries });
    if (this.#waiting.size === 0) this.#rested();
  }

  #rested(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#spent) this.close();
  }

  /** All deadlines are equally long, so the oldest request is always the first of the map. */
  #expire(): void {
    const now = Date.now();
    this.#timer = undefined;
    for (const [id, waiting] of this.#waiting) {
      if (waiting.deadline > now) {
        this.#timer = setTimeout(() => this.#expire(), waiting.deadline - now);
        return;
      }
      this.#waiting.delete(id);
      this.#spent = true;
      waiting.reject(new LinkError('exchange', 'ETIMEDOUT', true));
    }
    this.#rested();
  }

  #end(code: string): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const each of waiting) each.reject(new LinkError('exchange', code, true));
    if (code !== 'ECLOSED') this.#socket.destroy();
  }
}

function established<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  stage: 'reach' | 'tls',
  timeoutMs: number,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const fail = (code: string, message?: string) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
      reject(new LinkError(stage, code, false, message));
    };
    const timer = setTimeout(() => fail('ETIMEDOUT'), timeoutMs);
    socket.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'ESOCKET', error.message));
    socket.once('close', () => fail('ECONNRESET'));
    socket.once(event, () => {
      clearTimeout(timer);
      socket.removeAllListeners('error').removeAllListeners('close');
      resolve(socket);
    });
  });
}
