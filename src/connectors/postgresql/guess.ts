// What a role's name and comment say about who it is for. A guess that is wrong is put right by `owners.csv`, which wins.
import type { Kind } from '../../domain/account.ts';

const email = /[\w.+'-]+@[\w-]+(?:\.[\w-]+)+/;

export function ownerIn(comment: string | null): string | undefined {
  return comment?.match(email)?.[0].toLowerCase();
}

/** Roles are services unless something says otherwise: most log in from programs, and a person taken for a service loses less than the reverse. */
export function kindOf(name: string, comment: string | null): Kind {
  if (/\b(shared|team account)\b/i.test(comment ?? '')) return 'shared';
  if (/\bvendor\b/i.test(comment ?? '')) return 'vendor';
  if (/^(svc|srv|app|api|bot|job|cron|etl|batch|sys|repl|replicator)[._-]|[._-](svc|srv|app|api|bot|job|service)$/i.test(name))
    return 'service';
  if (/\bservice\b|\bapplication\b/i.test(comment ?? '')) return 'service';
  if (/\b(human|person|people|employee|personal account)\b/i.test(comment ?? '')) return 'human';
  if (email.test(name)) return 'human';
  const owner = ownerIn(comment);
  // alice, owned by alice@example.test, is alice herself.
  if (owner !== undefined && owner.split('@')[0] === name.toLowerCase()) return 'human';
  return /^[a-z]{2,}\.[a-z]{2,}$/i.test(name) ? 'human' : 'service';
}
