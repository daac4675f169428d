// Where the server listens and what people call it. Secrets cross this wire: away from loopback it wants TLS or a declared proxy in front.
import { BlockList, isIP } from 'node:net';
import { Problem } from '../domain/problem.ts';

export type Address = { readonly host: string; readonly port: number };

/** Not 443: a server that needs no root. Loopback: until somebody decides otherwise, nobody else reaches it. */
export const defaultListen = '127.0.0.1:7443';

export function addressOf(text: string, place = '--listen'): Address {
  const [, host = '', port = ''] = /^(\[[0-9a-f:.]+\]|[^:[\]]+):(\d{1,5})$/i.exec(text) ?? [];
  if (host === '' || Number(port) > 65_535)
    throw new Problem('usage', {
      place,
      message: `"${text}" is not HOST:PORT`,
      hint: `for example ${defaultListen}, 0.0.0.0:7443 or [::1]:7443`,
    });
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** A name other than `localhost` may resolve to anything: it counts as reachable. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host.toLowerCase() === 'localhost' : loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

export type Exposure = { readonly tls: boolean; readonly proxies: readonly string[]; readonly publicUrl: string | undefined };

export function assertGuarded({ host }: Address, { tls, proxies, publicUrl }: Exposure): void {
  if (tls || isLoopback(host)) return;
  if (proxies.length === 0)
    throw new Problem('usage', {
      place: '--listen',
      message: `${host} can be reached from other machines, and passwords would cross the network in the clear`,
      hint: 'give --tls-cert and --tls-key; or, behind a proxy that does TLS, --trust-proxy ADDRESS --public-url https://…',
    });
  if (publicUrl === undefined || !publicUrl.startsWith('https://'))
    throw new Problem('usage', {
      place: '--public-url',
      message: 'behind a proxy the server cannot tell what people call it',
      hint: '--public-url https://rekey.example.test, as the proxy serves it',
    });
}

/** The origin people type: passkeys are bound to its host name, and `localhost` is the only one a browser trusts without TLS. */
export function publicOrigin({ host, port }: Address, { tls, publicUrl }: Exposure): URL {
  if (publicUrl !== undefined) return checkedOrigin(publicUrl);
  const name = isLoopback(host) || host === '0.0.0.0' || host === '::' ? 'localhost' : isIP(host) === 6 ? `[${host}]` : host;
  return new URL(`${tls ? 'https' : 'http'}://${name}:${port}`);
}

function checkedOrigin(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || `${url.search}${url.hash}${url.username}` !== '')
    throw new Problem('usage', {
      place: '--public-url',
      message: 'not the address of a site: scheme, host and port, nothing more',
      hint: 'for example https://rekey.example.test',
    });
  if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, '')))
    throw new Problem('usage', {
      place: '--public-url',
      message: 'without https a browser keeps neither a session nor a passkey',
      hint: `https://${url.host}`,
    });
  return url;
}
