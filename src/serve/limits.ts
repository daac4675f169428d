// What a stranger may cost before anybody looks at the request: sizes, times and numbers of connections.
import type { Server } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import type { ListenerOptions } from '../http/api.ts';
import { rejected } from './rejected.ts';
import type { TlsClients, TlsPair } from './tls.ts';

/** Node's own default; a session cookie, a token and a browser's headers are under 4 KiB. */
const maxHeaderSize = 16 * 1024;
/** Over a bad mobile line a full set of headers takes a second. */
const headersTimeout = 10_000;
/** Longer than the 60 s for which proxies keep theirs, or they would write into a connection that just closed. */
const keepAliveTimeout = 65_000;
/** How often Node looks for those that are late: a slow one is cut off after 11 s at the latest. */
const connectionsCheckingInterval = 1000;
/** A thousand consoles with two connections each, well under the 4,096 descriptors that are usual. */
const maxConnections = 2000;
/** An office behind one address. Declared proxies are exempt: all their clients come from one. */
const perAddress = 256;

export function listenerOptions(tls: (TlsPair & Partial<TlsClients>) | undefined, proxies: readonly string[]): ListenerOptions {
  const own = { maxHeaderSize, headersTimeout, connectionsCheckingInterval };
  return {
    keepAliveTimeout,
    ...(tls === undefined ? { http: own } : { https: { ...own, ...tls } }),
    trustProxy: proxies.length === 0 ? false : [...proxies],
    clientErrorHandler: rejected,
  };
}

/** A connection too many is closed without an answer: writing one would cost what the limit saves. */
export function limitConnections(server: Server, proxies: readonly string[]): void {
  server.maxConnections = maxConnections;
  const exempt = rangesOf(proxies);
  const open = new Map<string, number>();
  server.prependListener('connection', (socket: Socket) => {
    const from = socket.remoteAddress ?? '';
    if (inRanges(exempt, from)) return;
    const now = (open.get(from) ?? 0) + 1;
    open.set(from, now);
    socket.once('close', () => {
      const left = (open.get(from) ?? 1) - 1;
      if (left === 0) open.delete(from);
      else open.set(from, left);
    });
    if (now > perAddress) socket.destroy();
  });
}

export function rangesOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

export function inRanges(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
