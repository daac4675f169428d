// What all of sign-in works with: the store, the clock, chance, where people reach Rekey, and the record of what happened.
import { entryLine } from '../domain/entry.ts';
import type { Json } from '../domain/json.ts';
import { Problem } from '../domain/problem.ts';
import type { AccessStore, Attempts } from './port.ts';

/** What an entry of the record can be about. Stable: people filter by it. */
export const accessEvents = [
  'bootstrap',
  'invited',
  'invited-back',
  'invitation-revoked',
  'joined',
  'sign-in',
  'sign-in-refused',
  'sign-out',
  'session-revoked',
  'member-added',
  'member-changed',
  'passkey-added',
  'passkey-removed',
  'token-made',
  'token-revoked',
] as const;
export type AccessEvent = (typeof accessEvents)[number];

/** Where a request came from, as far as it can be told. */
export type From = { readonly address: string | null; readonly agent: string | null };

export type Access = {
  readonly store: AccessStore;
  readonly estate: string;
  /** The address people reach Rekey at, without a path; throws where none is known yet. */
  readonly site: () => { readonly origin: string; readonly rpId: string };
  readonly attempts: Attempts;
  readonly now: () => Date;
  readonly newId: (prefix: 'M' | 'T' | 'L' | 'I') => string;
};

export async function recordAccess(
  { store, now }: Pick<Access, 'store' | 'now'>,
  event: AccessEvent,
  data: { readonly [key: string]: Json | undefined },
): Promise<void> {
  await store.record([entryLine('access', now(), { event, ...data })]);
}

/** Twenty tries in five minutes: a person who mistypes stays below, a machine that guesses does not get far against 125 bits. */
const rule = { limit: 20, windowMs: 5 * 60_000 };

export async function countAttempt({ attempts }: Pick<Access, 'attempts'>, what: string, { address }: From): Promise<void> {
  const { ok, retryAfterMs } = await attempts(`${what} ${address ?? '-'}`, rule);
  if (!ok)
    throw new Problem('too-many-requests', {
      message: 'too many attempts from this address',
      hint: `try again in ${Math.ceil(retryAfterMs / 1000)} s`,
    });
}
