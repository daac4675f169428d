// SYSTEM/ACCOUNT as people type it: the first slash ends the system, because system ids have none and account names may.
import { Problem } from '../domain/problem.ts';

export function systemAndAccount(typed: string): { system: string; account: string } {
  const slash = typed.indexOf('/');
  if (slash < 1 || slash === typed.length - 1) {
    throw new Problem('usage', {
      message: `"${typed}" does not name an account`,
      hint: 'SYSTEM/ACCOUNT, for example corp-ldap/uid=alice (rekey account ls)',
    });
  }
  return { system: typed.slice(0, slash), account: typed.slice(slash + 1) };
}
