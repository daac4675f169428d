// One listening server over the same routes as every other door: guarded, with the console, until it is closed.
import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../domain/problem.ts';
import type { ListenerOptions } from '../http/api.ts';
import type { Limit, RateLimits } from '../http/port.ts';
import { limitClients } from '../http/rate-limit.ts';
import { type Address, assertGuarded, isLoopback, publicOrigin } from './address.ts';
import { serveConsole } from './console.ts';
import { guardOrigins } from './doors.ts';
import { figures, type Numbers } from './figures.ts';
import { limitConnections, listenerOptions } from './limits.ts';
import type { Log } from './log.ts';
import { metrics } from './metrics.ts';
import { listenForMetrics } from './metrics-listener.ts';
import { portTaken } from './port-taken.ts';
import { logRequests } from './request-log.ts';
import { securityHeaders } from './security-headers.ts';
import { type BodyTimes, cutOffSlowBodies } from './slow-bodies.ts';
import { readTls, type TlsClients, type TlsFiles } from './tls.ts';

export type ServeOptions = {
  readonly listen: Address;
  readonly tls?: TlsFiles;
  readonly publicUrl?: string;
  /** Addresses or CIDR ranges of proxies whose X-Forwarded-* headers are believed. */
  readonly proxies: readonly string[];
  /** Left out: the console as built. */
  readonly consoleFolder?: string;
  /** Whoever shows it may read /metrics. Left out: this machine only. */
  readonly metricsToken?: string;
  /** Where /metrics is read without a token, and nothing else is. Left out: only where everything is. */
  readonly metricsListen?: Address;
  readonly bodyTimes?: BodyTimes;
  /** Requests from one address. Left out: what http/rate-limit.ts says. */
  readonly clientLimit?: Limit;
};

export type Serving = {
  /** What people type. */
  readonly url: string;
  readonly port: number;
  /** Of the own listener for metrics, where there is one. */
  readonly metricsPort?: number;
  /** Reads certificate and key again. Throws and keeps the old pair when the new one would not serve. */
  reloadTls(): void;
  close(): Promise<void>;
};

/** Builds the API with these options of the listener; `before` must run before any route is added. */
type Build = (listener: ListenerOptions, before: (api: FastifyInstance) => void) => FastifyInstance;

export type ServeDeps = {
  readonly build: Build;
  readonly limits: RateLimits;
  readonly numbers: () => Promise<Numbers>;
  readonly log: Log;
  /** Asked for a certificate by TLS. Left out: nobody is. */
  readonly clients?: TlsClients;
};

/** What is in flight has this long to end: longer than any answer that is not a stream, shorter than a service manager's patience. */
const finishMs = 10_000;

export async function serve(options: ServeOptions, { build, limits, numbers, log, clients }: ServeDeps): Promise<Serving> {
  const { listen, tls, proxies } = options;
  const exposure = { tls: tls !== undefined, proxies, publicUrl: options.publicUrl };
  assertGuarded(listen, exposure);
  let origin = publicOrigin(listen, exposure);
  const here = { ...exposure, publicUrl: undefined };
  let listened = publicOrigin(listen, here);
  const pair = () => (tls === undefined ? undefined : { ...readTls(tls), ...clients });
  const told = figures(numbers);
  const api = build(listenerOptions(pair(), proxies), (fresh) => {
    logRequests(fresh, log);
    metrics(fresh, told, { token: options.metricsToken, proxied: proxies.length > 0 || !isLoopback(listen.host), loopback: isLoopback });
    securityHeaders(fresh, () => origin.protocol === 'https:');
    limitClients(fresh, limits, options.clientLimit);
    cutOffSlowBodies(fresh, options.bodyTimes);
    guardOrigins(fresh, () => [origin, listened]);
    serveConsole(fresh, options.consoleFolder);
  });
  limitConnections(api.server as Server, proxies);
  const open = async <T>(flag: string, at: Address, listening: () => Promise<T>): Promise<T> => {
    try {
      return await listening();
    } catch (error) {
      await api.close();
      throw await cannotListen(error, at, flag);
    }
  };
  await open('--listen', listen, () => api.listen({ host: listen.host, port: listen.port }));
  const scraped = options.metricsListen;
  const listener = scraped && (await open('--metrics-listen', scraped, () => listenForMetrics(scraped, told)));
  const { port } = api.server.address() as AddressInfo; // it listens on a port, not on a socket file
  origin = publicOrigin({ host: listen.host, port }, exposure);
  listened = publicOrigin({ host: listen.host, port }, here);
  log('info', 'server.listening', { url: origin.origin, from: `${listen.host}:${port}` });
  if (scraped && listener) log('info', 'metrics.listening', { from: `${scraped.host}:${listener.port}` });
  return {
    url: origin.origin,
    port,
    ...(listener === undefined ? {} : { metricsPort: listener.port }),
    reloadTls: () => {
      const renewed = pair();
      if (renewed === undefined) return;
      const { ca, ...rest } = renewed;
      (api.server as unknown as TlsServer).setSecureContext({ ...rest, ...(ca === undefined ? {} : { ca: [...ca] }) }); // with TLS it is that server
      log('info', 'tls.reloaded');
    },
    close: async () => {
      log('info', 'server.stopping');
      const cut = setTimeout(() => api.server.closeAllConnections(), finishMs);
      await Promise.all([api.close(), listener?.close()]);
      clearTimeout(cut);
      log('info', 'server.stopped');
    },
  };
}

async function cannotListen(error: unknown, listen: Address, flag: string): Promise<unknown> {
  const place = `${listen.host}:${listen.port}`;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return portTaken(listen, flag);
    case 'EACCES':
      return new Problem('usage', {
        place,
        message: 'this user may not listen on that port',
        hint: `take a port from 1024 up (${flag}), or let the service manager pass the right: AmbientCapabilities=CAP_NET_BIND_SERVICE`,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new Problem('usage', { place, message: 'this machine has no such address', hint: 'ip address shows those it has' });
    default:
      return error;
  }
}
