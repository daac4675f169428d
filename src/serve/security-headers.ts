// What every answer of the server tells a browser: run nothing that we did not serve, be framed by nobody, send no address on, keep nothing.
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** For the pages; data gets `nothing`. `'self'` covers files, the nonce what stands in the page itself. */
const forPages = (nonce: string): string =>
  [
    `default-src 'none'`,
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data:`,
    `font-src 'self'`,
    `connect-src 'self'`,
    `manifest-src 'self'`,
    `worker-src 'self'`,
    `form-action 'self'`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ');
const nothing = `default-src 'none'; frame-ancestors 'none'`;

const always = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy':
    'publickey-credentials-get=(self), publickey-credentials-create=(self), clipboard-write=(self), camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()',
};
/** Two years, the span browsers ask of a site that means it. No word on subdomains: they may not be ours. */
const strictTransport = 'max-age=63072000';

/** A route that sets one of these itself keeps its own. */
export function securityHeaders(api: FastifyInstance, https: () => boolean): void {
  api.decorateReply('cspNonce', function (this: FastifyReply): string {
    this.nonce ??= randomBytes(18).toString('base64');
    return this.nonce;
  });
  api.decorateReply('nonce', undefined);
  api.addHook('onSend', async (_request, reply) => {
    const html = String(reply.getHeader('content-type') ?? '').startsWith('text/html');
    const wanted: Readonly<Record<string, string>> = {
      ...always,
      'content-security-policy': html ? forPages(reply.cspNonce()) : nothing,
      'cache-control': 'no-store',
      ...(https() ? { 'strict-transport-security': strictTransport } : {}),
    };
    for (const [name, value] of Object.entries(wanted)) if (!reply.hasHeader(name)) reply.header(name, value);
  });
}

declare module 'fastify' {
  interface FastifyReply {
    nonce: string | undefined;
    /** For inline scripts and styles of this one page. */
    cspNonce(): string;
  }
}
