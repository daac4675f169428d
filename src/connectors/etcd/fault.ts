// What etcd's errors mean, as data: by gRPC code, and by text where one code means several things. Only what was never proposed is refused.
import type { FaultCode } from '../../kit/kit.ts';
import { type Answered, type Meaning, member, textAt } from '../../protocols/http/call.ts';

/** gRPC codes whose requests etcd turned away before they were proposed, or whose transaction it did not apply. */
export const codes: Readonly<Record<number, Meaning>> = {
  3: { fault: 'protocol', certain: true, say: 'etcd does not take the request' },
  5: { fault: 'not-found', certain: true, say: 'etcd has no such thing' },
  7: { fault: 'permission', certain: true, say: "the user's roles do not allow this key" },
  8: { fault: 'throttled', certain: true, say: 'etcd takes no more requests now' },
  9: { fault: 'conflict', certain: true, say: 'etcd is not in the state for this request' },
  12: { fault: 'unsupported', certain: true, say: 'this version of etcd does not offer this' },
  16: { fault: 'auth', certain: true, say: 'etcd does not take the token' },
};

/** First that fits wins; the code must fit too. */
const texts: readonly (readonly [code: number, part: string, fault: FaultCode, say: string])[] = [
  [3, 'authentication failed', 'auth', 'etcd refused user or password of this store'],
  [3, 'user name is empty', 'auth', 'etcd asks for a user: set config.user and config.password'],
  [3, 'key not found', 'not-found', 'the key is gone'],
  [3, 'request is too large', 'policy', 'the value is too large for etcd'],
  // The gateway's own limit, met before the server sees the request.
  [8, 'larger than max', 'policy', 'the value is too large for etcd'],
  [8, 'database space exceeded', 'unreachable', 'the database of etcd is full (alarm NOSPACE)'],
  [9, 'authentication is not enabled', 'unsupported', 'authentication is not enabled in etcd'],
];

/** 14 (unavailable), 4 (deadline), 2 and 13 may come after the proposal was applied: in doubt, as is every code that is not listed. */
export function meaningOf({ status, body }: Answered): Readonly<Record<number, Meaning>> {
  const code = member(body, 'code');
  const message = textAt(body, 'message') ?? textAt(body, 'error') ?? '';
  if (typeof code !== 'number') return {};
  const known = texts.find(([of, part]) => of === code && message.includes(part));
  if (known !== undefined) return { [status]: { fault: known[2], certain: true, say: known[3] } };
  return { [status]: codes[code] ?? { fault: 'unreachable', certain: false, say: 'etcd does not say whether it was done' } };
}

/** The token ended (restart, five minutes without use) or roles changed since it was made: nothing was done, a new one is needed. */
export const needsNewToken = ({ body }: Answered): boolean => {
  const message = textAt(body, 'message') ?? textAt(body, 'error') ?? '';
  return message.includes('invalid auth token') || message.includes('revision of auth store is old');
};
export const isAuthOff = ({ body }: Answered): boolean =>
  (textAt(body, 'message') ?? textAt(body, 'error') ?? '').includes('authentication is not enabled');
