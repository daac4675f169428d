// A user as the server shows it, read without trusting its form.
import { done, type Outcome, refused } from '../../kit/kit.ts';
import { member, textAt } from '../../protocols/http/call.ts';
import type { Identity } from '../../protocols/keystone/identity.ts';

export type User = {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  readonly enabled: boolean;
  readonly email: string | undefined;
  readonly description: string | undefined;
  readonly project: string | undefined;
  /** Set by the server from the time of the last change, where keystone.conf lets passwords expire. */
  readonly expiresAt: Date | undefined;
  readonly expiresText: string | undefined;
  readonly options: Readonly<Record<string, unknown>>;
};

export function userOf(value: unknown): User | undefined {
  const id = textAt(value, 'id');
  const name = textAt(value, 'name');
  if (id === undefined || name === undefined) return undefined;
  const expiresText = textAt(value, 'password_expires_at');
  const options = member(value, 'options');
  return {
    id,
    name,
    domain: textAt(value, 'domain_id') ?? '',
    enabled: member(value, 'enabled') !== false,
    email: textAt(value, 'email'),
    description: textAt(value, 'description'),
    project: textAt(value, 'default_project_id'),
    expiresAt: dateOf(expiresText),
    expiresText,
    options: typeof options === 'object' && options !== null ? { ...options } : {},
  };
}

/** Keystone writes UTC without saying so. */
export function dateOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const date = new Date(/Z$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** `now` is the server's own clock. */
export async function readUser(identity: Identity, id: string): Promise<Outcome<{ readonly user: User; readonly now: Date | undefined }>> {
  const read = await identity.ask({ method: 'GET', path: ['v3', 'users', id] }, [200]);
  if (read.kind !== 'done') return read;
  const user = userOf(member(read.value.body, 'user'));
  if (user === undefined) return refused('protocol', 'the server answered with something that is no user');
  return done({ user, now: read.value.date });
}
