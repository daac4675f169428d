// Logins at OpenStack Identity v3: one request, one answer, on a connection of its own. The token it may give is part of the answer.
import type { Io, Secret } from '../../kit/kit.ts';
import { type Answered, call, type Reply, type Target } from '../http/call.ts';

/** Who logs in: by id, or by name within a domain. */
export type Who = { readonly id: string } | { readonly name: string; readonly domain: string };
export type Scope =
  | 'unscoped'
  | { readonly system: true }
  | { readonly project: string; readonly domain: string }
  | { readonly projectId: string };

/** `token` only where the server gave one. Never shown: it opens as much as a password until it expires. */
export type Login = { readonly reply: Reply; readonly token: Token | undefined };
export class Token {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  get headers(): Readonly<Record<string, string>> {
    return { 'x-auth-token': this.#text };
  }
  /** For calls about this token, made with it. */
  get subject(): Readonly<Record<string, string>> {
    return { 'x-auth-token': this.#text, 'x-subject-token': this.#text };
  }
  toJSON(): string {
    return '[token]';
  }
}

export function passwordLogin(target: Target, io: Io, who: Who, secret: Secret, scope: Scope): Promise<Login> {
  const user = 'id' in who ? { id: who.id } : { name: who.name, domain: { name: who.domain } };
  return secret.text((password) =>
    login(target, io, { auth: { identity: { methods: ['password'], password: { user: { ...user, password } } }, scope: scopeOf(scope) } }),
  );
}

/** An application credential carries its own scope. */
export function applicationLogin(target: Target, io: Io, id: string, secret: string): Promise<Login> {
  return login(target, io, {
    auth: { identity: { methods: ['application_credential'], application_credential: { id, secret } } },
  });
}

async function login(target: Target, io: Io, json: unknown): Promise<Login> {
  const reply = await call(target, { method: 'POST', path: ['v3', 'auth', 'tokens'], json }, io);
  const text = reply.kind === 'answered' && reply.status === 201 ? reply.header('x-subject-token') : undefined;
  return { reply, token: text === undefined ? undefined : new Token(text) };
}

function scopeOf(scope: Scope): unknown {
  if (scope === 'unscoped') return 'unscoped';
  if ('system' in scope) return { system: { all: true } };
  if ('projectId' in scope) return { project: { id: scope.projectId } };
  return { project: { name: scope.project, domain: { name: scope.domain } } };
}

/** A token made only to prove something is taken back; a failure leaves it to its expiry. */
export async function giveBack(target: Target, io: Io, token: Token): Promise<void> {
  await call(target, { method: 'DELETE', path: ['v3', 'auth', 'tokens'], headers: token.subject }, io);
}

/** The first factor was right and the server asks for another. */
export function wantsMore(reply: Answered): boolean {
  return reply.status === 401 && reply.header('openstack-auth-receipt') !== undefined;
}
