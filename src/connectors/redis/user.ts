// One ACL user as a server describes it. The hashes are unsalted: they are compared here and never shown.
import type { AccountRef, Outcome } from '../../kit/kit.ts';
import { done, refused } from '../../kit/kit.ts';
import type { Answer } from '../../protocols/redis/link.ts';
import type { Reply } from '../../protocols/redis/resp.ts';
import { oddReply, outcomeOf } from './fault.ts';

export type User = {
  readonly on: boolean;
  /** Any password opens it, and none. */
  readonly nopass: boolean;
  /** SHA-256, hex, of every password the server accepts now. */
  readonly hashes: readonly string[];
  /** The rule string ("-@all +get"). */
  readonly commands: string;
};

export const getUser = (account: Pick<AccountRef, 'id'>): readonly string[] => ['ACL', 'GETUSER', account.id];

/** `undefined`: the server has no such user. */
export function userOf(answer: Answer | undefined, where: string): Outcome<User | undefined> {
  if (answer === undefined) return oddReply(where);
  if (answer.kind !== 'reply') return outcomeOf(answer, where);
  if (answer.value === null) return done(undefined);
  if (!Array.isArray(answer.value)) return oddReply(where);
  const fields = new Map<string, Reply>();
  for (let n = 0; n + 1 < answer.value.length; n += 2) fields.set(String(answer.value[n]), answer.value[n + 1] as Reply);
  const flags = texts(fields.get('flags'));
  const hashes = texts(fields.get('passwords'));
  if (flags === undefined || hashes === undefined) return oddReply(where);
  const commands = fields.get('commands');
  return done({
    on: flags.includes('on'),
    nopass: flags.includes('nopass'),
    hashes,
    commands: typeof commands === 'string' ? commands : '',
  });
}

export const missing = (where: string): Outcome<never> => refused('not-found', `the user does not exist on ${where}`);

export function texts(reply: Reply | undefined): readonly string[] | undefined {
  return Array.isArray(reply) && reply.every((item) => typeof item === 'string') ? reply : undefined;
}
