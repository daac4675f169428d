// SYSTEM/ACCOUNT in a request about one item of a run: the first slash ends the system, because account names may hold others.
import { Problem } from '../domain/problem.ts';

/** `hint`: the command as it is meant. */
export function accountPath(path: string, hint: string): { readonly system: string; readonly account: string } {
  const slash = path.indexOf('/');
  if (slash < 1) throw new Problem('usage', { message: `"${path}" is not SYSTEM/ACCOUNT`, hint });
  return { system: path.slice(0, slash), account: path.slice(slash + 1) };
}
