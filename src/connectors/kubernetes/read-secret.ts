// The Secret a ref names, with the server's clock at the time of reading; a key that is not in it is not made up.
import { done, type Outcome, refused } from '../../kit/kit.ts';
import type { Ask } from '../../protocols/http/ask.ts';
import { secretPath } from './api.ts';
import { type StoredSecret, secretIn } from './objects.ts';
import type { Place } from './reference.ts';

export type FoundSecret = { readonly secret: StoredSecret; readonly date: Date | undefined };

export async function readSecret(ask: Ask, { ref, namespace, name, key }: Place): Promise<Outcome<FoundSecret>> {
  const answer = await ask({ method: 'GET', path: secretPath(namespace, name) }, [200]);
  if (answer.kind !== 'done') return answer;
  const secret = secretIn(answer.value.body);
  if (secret.kind !== 'done') return secret;
  if (!Object.hasOwn(secret.value.data ?? {}, key)) return refused('not-found', `${ref}: the Secret has no key ${key}`);
  return done({ secret: secret.value, date: answer.value.date });
}
