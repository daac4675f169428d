// What an account's name and comment say about who it is for. A guess that is wrong is put right by `owners.csv`, which wins.
import type { Kind } from '../../domain/account.ts';

const email = /[\w.+'-]+@[\w-]+(?:\.[\w-]+)+/;

export function ownerIn(comment: string | undefined): string | undefined {
  return comment?.match(email)?.[0].toLowerCase();
}

/** Accounts are services unless something says otherwise: most log in from programs, and a person taken for a service loses less than the reverse. */
export function kindOf(user: string, comment?: string): Kind {
  if (user === '') return 'unknown';
  if (/\b(shared|team account)\b/i.test(comment ?? '')) return 'shared';
  if (/\bvendor\b/i.test(comment ?? '')) return 'vendor';
  if (/^(svc|srv|app|api|bot|job|cron|etl|batch|sys|repl|replicator)[._-]|[._-](svc|srv|app|api|bot|job|service)$/i.test(user))
    return 'service';
  if (/\b(human|person|people|employee|personal account)\b/i.test(comment ?? '')) return 'human';
  if (email.test(user)) return 'human';
  return ownerIn(comment)?.split('@')[0] === user.toLowerCase() || /^[a-z]{2,}\.[a-z]{2,}$/i.test(user) ? 'human' : 'service';
}
