// The ground simulators of HTTP targets stand on: a real server on loopback, and the ways in which an answer gets lost.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type Seen = {
  readonly method: string;
  /** Unescaped, without the empty one before the first slash. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** What JSON.parse makes of the body; undefined = no JSON. */
  readonly body: unknown;
};
export type Said = { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };

/** `reply-lost`: applied, and the connection ends. `request-lost`: the connection ends. `silent`: applied, never answered. */
export type Loss = 'reply-lost' | 'request-lost' | 'silent';

export type Simulated = { readonly url: string; readonly seen: readonly Seen[]; stop(): Promise<void> };

/** `loses` decides about each request before it is answered. */
export async function simulate(
  answer: (seen: Seen) => Said | Promise<Said>,
  loses: (seen: Seen) => Loss | undefined = () => undefined,
): Promise<Simulated> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    const asked = await read(request);
    seen.push(asked);
    const loss = loses(asked);
    if (loss === 'request-lost') return void request.socket.destroy();
    const said = await answer(asked);
    if (loss === 'reply-lost') return void request.socket.destroy();
    if (loss !== 'silent') write(response, said);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function read(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const url = new URL(request.url ?? '/', 'http://simulated');
  return {
    method: request.method ?? '',
    path: url.pathname.split('/').slice(1).map(decodeURIComponent),
    query: url.searchParams,
    headers: request.headers,
    text,
    body: parsed(text),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function write(response: ServerResponse, { status, body, headers }: Said): void {
  response.writeHead(status, { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
