// Addresses of directory servers in the estate file: what is one, when it would send passwords in the clear, and how each is connected to.
import { z } from 'zod';
import type { Io } from '../../kit/kit.ts';
import { isLoopback, readCa } from '../../kit/settings.ts';

/** `tls: starttls` upgrades a plain connection before anything else is sent. `url` is as written: how evidence names the replica. */
export type Endpoint = {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly tls: 'none' | 'ldaps' | 'starttls';
  readonly ca?: string;
  readonly servername?: string;
};

const isAddress = (value: string, protocols: readonly string[]): boolean => {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, pathname, search, username, password } = new URL(value);
  return protocols.includes(protocol) && hostname !== '' && pathname.length <= 1 && `${search}${username}${password}` === '';
};

export const ldapAddress = z.string().refine((value) => isAddress(value, ['ldap:', 'ldaps:']), {
  error: 'expected ldap://host[:port] or ldaps://host[:port], without path',
});
export const ldapsAddress = z.string().refine((value) => isAddress(value, ['ldaps:']), {
  error: 'expected ldaps://host[:port], without path',
});

type Protection = { readonly startTls: boolean; readonly insecure: boolean };

/** The complaint about each address at which passwords would cross a network in the clear. */
export function plainAddresses(
  addresses: readonly { readonly path: readonly (string | number)[]; readonly url: string }[],
  { startTls, insecure }: Protection,
) {
  if (startTls || insecure) return [];
  const message = 'ldap:// would send passwords in the clear: use ldaps://, startTls: true, or say insecure: true';
  return addresses
    .filter(({ url }) => new URL(url).protocol !== 'ldaps:' && !isLoopback(new URL(url).hostname))
    .map(({ path, url }) => ({ code: 'custom' as const, message, path: [...path], input: url }));
}

/** How each address is connected to. Throws a Problem when the CA file cannot be read. */
export function endpointsAt(
  urls: readonly string[],
  settings: { readonly ca?: string | undefined; readonly servername?: string | undefined; readonly startTls?: boolean },
  io: Io,
): Endpoint[] {
  const ca = settings.ca === undefined ? undefined : readCa(settings.ca, io, 'config.ca');
  return urls.map((each) => {
    const { protocol, hostname, port } = new URL(each);
    const secure = protocol === 'ldaps:';
    return {
      url: each.replace(/\/$/, ''),
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (secure ? 636 : 389) : Number(port),
      tls: secure ? 'ldaps' : settings.startTls === true ? 'starttls' : 'none',
      ...(ca === undefined ? {} : { ca }),
      ...(settings.servername === undefined ? {} : { servername: settings.servername }),
    };
  });
}
