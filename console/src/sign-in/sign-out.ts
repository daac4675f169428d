// Ends the session here and on the server. What the cache held is forgotten with it.
import { csrfToken } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { ask } from './ask.ts';
import { sessionKey } from './session.ts';

export async function signOut(): Promise<void> {
  await ask('POST', '/v1/sign-out', {}, { 'x-rekey-csrf': csrfToken(), 'idempotency-key': crypto.randomUUID() });
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] });
  await queries.invalidateQueries({ queryKey: sessionKey });
}
