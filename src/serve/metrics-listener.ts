// An own listener that answers GET /metrics and nothing else, to whoever reaches it: no session, no token, and no way on to anything.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Address } from './address.ts';
import type { Figures } from './figures.ts';

export type MetricsListener = { readonly port: number; close(): Promise<void> };

/** A scraper sends one short request and takes one answer of some tens of KiB. */
const limits = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 5000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1000,
};
/** A few scrapers, each with a connection or two. */
const maxConnections = 64;

export async function listenForMetrics({ host, port }: Address, figures: Figures): Promise<MetricsListener> {
  const answer: RequestListener = (request, reply) => {
    const say = (status: number, text: string, type = 'text/plain; charset=utf-8', more: Record<string, string> = {}): void => {
      reply.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...more });
      reply.end(request.method === 'HEAD' ? undefined : text);
    };
    if (request.url?.split('?', 1)[0] !== '/metrics') return say(404, 'only /metrics is here\n');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return say(405, 'GET reads the figures\n', undefined, { allow: 'GET, HEAD' });
    figures.read().then(
      ({ type, text }) => say(200, text, type),
      () => say(500, 'the figures cannot be read\n'),
    );
  };
  const server = createServer(limits, answer);
  server.maxConnections = maxConnections;
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      listening();
    });
  });
  return {
    port: (server.address() as AddressInfo).port, // it listens on a port
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
