// The session's cookie: this host only, this site only, no script. Without TLS it has another name and is for the loopback alone.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../domain/problem.ts';

const loopback = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** `__Host-` makes browsers refuse the cookie from anywhere but this host over TLS. */
function nameFor(origin: string, what: string): { readonly name: string; readonly secure: boolean } {
  const { protocol, hostname } = new URL(origin);
  if (protocol === 'https:') return { name: `__Host-${what}`, secure: true };
  if (loopback.test(hostname)) return { name: what, secure: false };
  throw new Problem('invalid-config', {
    message: `nobody can sign in at ${origin}: without TLS a session could be read on the way`,
    hint: 'give serve a certificate, or put it behind a proxy that ends TLS and set signIn.passkeys.origin to its https address',
  });
}

export function readCookie(request: FastifyRequest, origin: string, what = 'rekey'): string | undefined {
  const start = `${nameFor(origin, what).name}=`;
  const parts = (request.headers.cookie ?? '').split(';').map((part) => part.trim());
  return parts.find((part) => part.startsWith(start))?.slice(start.length);
}

export function setSession(reply: FastifyReply, origin: string, secret: string, expires: Date): FastifyReply {
  return set(reply, origin, 'rekey', secret, `Expires=${expires.toUTCString()}; SameSite=Strict`);
}

export function clearSession(reply: FastifyReply, origin: string): FastifyReply {
  return set(reply, origin, 'rekey', '', 'Max-Age=0; SameSite=Strict');
}

/** Comes back with the browser from another site, where a strict one would not. Good for ten minutes and one sign-in. */
export function setState(reply: FastifyReply, origin: string, state: string, what = 'rekey-oidc'): FastifyReply {
  return set(reply, origin, what, state, 'Max-Age=600; SameSite=Lax');
}

/** Values are base64url: nothing in them needs quoting. */
function set(reply: FastifyReply, origin: string, what: string, value: string, more: string): FastifyReply {
  const { name, secure } = nameFor(origin, what);
  return reply.header('set-cookie', `${name}=${value}; Path=/; HttpOnly;${secure ? ' Secure;' : ''} ${more}`);
}
