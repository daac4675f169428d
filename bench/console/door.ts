// HTTP over the socket of an opened estate: whole answers with how long they took, and events as they come.
import { type ClientRequest, request } from 'node:http';

export type Answer = { readonly ms: number; readonly status: number; readonly body: string };

export function get(socketPath: string, path: string): Promise<Answer> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path, headers: { host: 'localhost' }, timeout: 60_000 }, (reply) => {
      const parts: Buffer[] = [];
      reply.on('data', (part: Buffer) => parts.push(part));
      reply.on('error', reject);
      reply.on('end', () =>
        resolve({ ms: performance.now() - began, status: reply.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') }),
      );
    });
    asking.on('timeout', () => asking.destroy(new Error(`no answer to ${path} within a minute`)));
    asking.on('error', reject).end();
  });
}

/** Waits for the next event; each is answered to whoever waits at that time. */
export class Events {
  readonly #asking: ClientRequest;
  #wake: (() => void) | undefined;

  constructor(socketPath: string, opened: () => void) {
    this.#asking = request({ socketPath, path: '/v1/events', headers: { host: 'localhost', accept: 'text/event-stream' } }, (reply) => {
      let rest = '';
      reply.setEncoding('utf8');
      reply.on('data', (text: string) => {
        rest += text;
        const events = rest.split('\n\n');
        rest = events.pop() ?? '';
        if (events.some((event) => event.includes('event: open'))) opened();
        if (events.some((event) => event.includes('event: change'))) this.#wake?.();
      });
    });
    this.#asking.on('error', () => undefined).end();
  }

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  close(): void {
    this.#asking.destroy();
  }
}
