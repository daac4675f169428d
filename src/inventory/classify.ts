// What kind of account a found one is, and who manages it, as far as the target's own facts say. An import always knows better.
import type { Kind, Managed } from '../domain/account.ts';
import { managedBy } from '../domain/account.ts';
import type { Found } from '../kit/capability.ts';

export type Classified = { readonly kind: Kind; readonly shared: boolean; readonly privileged: boolean; readonly managed: Managed };

/** Naming habits, only where the target says nothing; anything doubtful stays `unknown` and shows as such. */
const habits: readonly (readonly [RegExp, Kind])[] = [
  [/^(?:svc|service|srv|sa)[-_.]|[-_.](?:svc|service)$/, 'service'],
  [/^(?:app|api|ci|job|batch|cron)[-_.]/, 'application'],
  [/^(?:bot|agent|ai|llm)[-_.]/, 'agent'],
  [/^(?:vendor|ext|partner|contractor)[-_.]/, 'vendor'],
  [/^(?:shared|team|common|generic)[-_.]/, 'shared'],
];

export function classify(found: Pick<Found, 'name' | 'login' | 'kind' | 'privileged' | 'facts'>): Classified {
  const login = (found.login ?? found.name).replace(/^[a-z]+=/i, '').toLowerCase();
  const kind = found.kind === 'unknown' ? (habits.find(([habit]) => habit.test(login))?.[1] ?? 'unknown') : found.kind;
  return {
    kind,
    shared: kind === 'shared' || found.facts.shared === true,
    privileged: found.privileged || found.facts.privileged === true,
    managed: managedOf(found.facts.managed, kind),
  };
}

function managedOf(fact: unknown, kind: Kind): Managed {
  const named = managedBy.find((m) => m === fact);
  // A vendor's account is ours to block and the vendor's to use.
  return named ?? (kind === 'vendor' ? 'hybrid' : 'enterprise');
}
