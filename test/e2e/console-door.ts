// The built console before the socket of an opened estate, under the headers that a browser gets from a server; whose session it is, a test says.
import { existsSync, readFileSync } from 'node:fs';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { permissions } from '../../src/access/rights.ts';

export type SessionSaid = { readonly [field: string]: unknown };
export type ConsoleDoor = {
  readonly url: string;
  /** What GET /v1/session answers from now on. */
  session: SessionSaid;
  /** While true, the API gives no answer: the connection is cut. */
  deaf: boolean;
  /** Ends every open connection: what a proxy that restarts does. */
  cut(): void;
  close(): Promise<void>;
};

const folder = new URL('../../dist/console/', import.meta.url).pathname;
const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const nonce = 'cnVucyBpbiBhIHRlc3Q';
const policy = `default-src 'none'; script-src 'self' 'nonce-${nonce}'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

export const signedIn: SessionSaid = {
  signedIn: true,
  member: { id: 'M-0001', name: 'carol', email: null, roles: ['operator', 'administrator'] },
  permissions: Object.fromEntries(permissions.map((permission) => [permission, 'all'])),
  csrf: 'a token',
  freshUntil: null,
  estate: 'harbour-and-pine',
  demo: true,
  version: '0.1.0',
  bootstrap: false,
  oidc: null,
};

export async function openConsole(socketPath: string): Promise<ConsoleDoor> {
  if (!existsSync(join(folder, 'index.html'))) throw new Error('the console is not built: npm run build');
  const door = { url: '', session: signedIn, deaf: false };
  const server = createServer((request, reply) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (!path.startsWith('/v1/')) return file(path, reply);
    if (door.deaf) return void request.socket.destroy();
    if (path === '/v1/session') return void reply.setHeader('content-type', 'application/json').end(JSON.stringify(door.session));
    pass(socketPath, request, reply);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return Object.assign(door, {
    // Passkeys want a name, not an address.
    url: `http://localhost:${port}`,
    cut: () => server.closeAllConnections(),
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  });
}

function file(path: string, reply: ServerResponse): void {
  const named = join(folder, normalize(path));
  if (extname(path) !== '' && named.startsWith(folder) && existsSync(named)) {
    reply.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream').end(readFileSync(named));
    return;
  }
  const page = readFileSync(join(folder, 'index.html'), 'utf8').replaceAll('__CSP_NONCE__', nonce);
  reply.setHeader('content-security-policy', policy).setHeader('content-type', 'text/html; charset=utf-8').end(page);
}

function pass(socketPath: string, request: IncomingMessage, reply: ServerResponse): void {
  const onward = forward(
    { socketPath, path: request.url, method: request.method, headers: { ...request.headers, host: 'localhost' } },
    (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    },
  );
  onward.on('error', () => reply.destroy());
  reply.on('close', () => onward.destroy());
  request.pipe(onward);
}
