// The session's cookie: this host only, this site only, no script. Without TLS it has another name and is for the loopback alone.
import { fastifyCookie } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../domain/problem.ts';

const attributes = { path: '/', httpOnly: true, sameSite: 'strict' } as const;
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
  const { cookie } = request.headers;
  return cookie === undefined ? undefined : fastifyCookie.parse(cookie)[nameFor(origin, what).name];
}

export function setSession(reply: FastifyReply, origin: string, secret: string, expires: Date): FastifyReply {
  const { name, secure } = nameFor(origin, 'rekey');
  return reply.header('set-cookie', fastifyCookie.serialize(name, secret, { ...attributes, secure, expires }));
}

export function clearSession(reply: FastifyReply, origin: string): FastifyReply {
  const { name, secure } = nameFor(origin, 'rekey');
  return reply.header('set-cookie', fastifyCookie.serialize(name, '', { ...attributes, secure, maxAge: 0 }));
}

/** Comes back with the browser from another site, where a strict one would not. Good for ten minutes and one sign-in. */
export function setState(reply: FastifyReply, origin: string, state: string): FastifyReply {
  const { name, secure } = nameFor(origin, 'rekey-oidc');
  return reply.header('set-cookie', fastifyCookie.serialize(name, state, { ...attributes, sameSite: 'lax', secure, maxAge: 600 }));
}
