// One connection to one Redis server: commands go out in one write, and for each it is known whether it was sent, answered or lost.
import type { Socket } from 'node:net';
import { codeOf, dial, type Endpoint, type Failed, type Limits, onEnd } from '../tcp/dial.ts';
import { type Argument, encode, isError, Replies, type Reply } from './resp.ts';

/** `unsent`: the server has not seen it. `failed`: the server answered with an error. `lost`: no answer, it may have been done. */
export type Answer =
  | { readonly kind: 'reply'; readonly value: Reply }
  | { readonly kind: 'failed'; readonly code: string; readonly text: string }
  | { readonly kind: 'unsent' | 'lost'; readonly code: string };

export class Link {
  readonly #socket: Socket;
  readonly #replies = new Replies();
  readonly #waiting: ((answer: Answer) => void)[] = [];
  #dead: string | undefined;
  /** Ours as the server sees it, in the form of its `addr=`: true where nothing between translates addresses. */
  readonly address: string;

  static async dial(at: Endpoint, limits: Limits): Promise<Link | Failed> {
    const socket = await dial(at, limits);
    return 'failed' in socket ? socket : new Link(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    const { localAddress = '', localPort = 0, localFamily } = socket;
    this.address = `${localFamily === 'IPv6' ? `[${localAddress}]` : localAddress}:${localPort}`;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#die(codeOf(error)));
    socket.on('close', () => this.#die('ECONNRESET'));
  }

  get alive(): boolean {
    return this.#dead === undefined;
  }

  /** One write for all: when the server has got the first, it has got the last. After a time-out the link is dead: a late answer would be taken for another's. */
  async send(commands: readonly (readonly Argument[])[], limits: Limits): Promise<readonly Answer[]> {
    const none = limits.signal.aborted ? 'ABORTED' : this.#dead;
    if (none !== undefined) return commands.map(() => ({ kind: 'unsent', code: none }));
    const answers = commands.map(() => new Promise<Answer>((resolve) => this.#waiting.push(resolve)));
    const stop = onEnd(limits, (code) => this.#die(code));
    this.#socket.write(Buffer.concat(commands.map(encode)));
    const all = await Promise.all(answers);
    stop();
    return all;
  }

  async ask(command: readonly Argument[], limits: Limits): Promise<Answer> {
    const [answer] = await this.send([command], limits);
    return answer as Answer; // one command, one answer
  }

  end(): void {
    this.#die('ECLOSED');
  }

  #take(chunk: Buffer): void {
    try {
      for (const reply of this.#replies.push(chunk)) {
        const waiting = this.#waiting.shift();
        // Said without being asked: too many clients, protected mode. The server closes next.
        if (waiting === undefined) this.#die(isError(reply) ? reply.code : 'EPROTO');
        else waiting(isError(reply) ? { kind: 'failed', ...reply } : { kind: 'reply', value: reply });
      }
    } catch {
      this.#die('EPROTO');
    }
  }

  #die(code: string): void {
    this.#dead ??= code;
    this.#socket.destroy();
    for (const waiting of this.#waiting.splice(0)) waiting({ kind: 'lost', code });
  }
}
