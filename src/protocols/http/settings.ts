// What a block of the estate file says about an HTTP server. Without TLS nothing leaves this machine unless the file says so.
import { z } from 'zod';
import type { Io } from '../../kit/kit.ts';
import { isLoopback, readCa } from '../../kit/settings.ts';
import type { Target } from './call.ts';

const bare = 'an address without user, password, query or fragment';

export const baseUrl = z
  .url({ protocol: /^https?$/ })
  .refine((text) => {
    const { username, password, search, hash } = new URL(text);
    return username === '' && password === '' && search === '' && hash === '';
  }, bare)
  .describe('Address of the server, with the path its API starts at.');

export const httpTls = z
  .strictObject({
    ca: z
      .string()
      .min(1)
      .optional()
      .describe('PEM file of the only CA that is trusted, relative to the estate file. Left out: the system CAs.'),
    servername: z.string().min(1).optional().describe('Name the certificate must show, where it is not the host.'),
  })
  .default({});

export const insecure = z
  .boolean()
  .default(false)
  .describe('Allow http:// to another machine: whoever reads the network then reads every credential sent.');

export type HttpSettings = { readonly url: string; readonly tls: z.output<typeof httpTls>; readonly insecure: boolean };

/** The complaint about each address that would be spoken to in the clear across a network. */
export function plainUrls(urls: readonly { readonly path: readonly (string | number)[]; readonly url: string }[], allowed: boolean) {
  if (allowed) return [];
  return urls
    .filter(({ url }) => url.startsWith('http://') && URL.canParse(url) && !isLoopback(new URL(url).hostname))
    .map(({ path, url }) => ({
      code: 'custom' as const,
      message: 'http:// would send credentials across the network in the clear: use https://, or say insecure: true',
      path: [...path],
      input: url,
    }));
}

/** Throws a Problem when the CA file cannot be read. Private networks may be called: targets live there. */
export function targetOf(settings: Pick<HttpSettings, 'url' | 'tls'>, io: Io): Target {
  const { ca, servername } = settings.tls;
  return {
    base: new URL(settings.url),
    route: {
      reach: 'private',
      ...(ca === undefined ? {} : { ca: readCa(ca, io) }),
      ...(servername === undefined ? {} : { servername }),
    },
  };
}

/** The name a server has in every cell: `host:port`. */
export function hostOf(url: URL): string {
  const standard = url.protocol === 'https:' ? 443 : 80;
  return `${url.hostname}:${url.port === '' ? standard : url.port}`;
}
