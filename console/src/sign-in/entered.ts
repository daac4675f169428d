// After a successful sign-in: the session is read anew, and the address of the door is left.
import { queries } from '../api/queries.ts';
import { sessionKey } from './session.ts';

export async function entered(): Promise<void> {
  if (/^\/(?:join|bootstrap)$/.test(window.location.pathname)) window.history.replaceState(null, '', '/');
  await queries.invalidateQueries({ queryKey: sessionKey });
  await queries.invalidateQueries();
}
