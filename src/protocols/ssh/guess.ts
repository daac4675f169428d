// What an account's number, shell and comment say about who it is for. A guess that is wrong is put right by `owners.csv`, which wins.
import type { Kind } from '../../kit/kit.ts';
import { hasNoShell, type PasswdLine } from './accounts.ts';

const email = /[\w.+'-]+@[\w-]+(?:\.[\w-]+)+/;

export const ownerIn = (note: string): string | undefined => note.match(email)?.[0].toLowerCase();

/** People get numbers from 1000 on (login.defs UID_MIN) and a shell; 65534 is nobody. */
export function kindOf({ name, uid, note, shell }: PasswdLine): Kind {
  if (/\b(shared|team account)\b/i.test(note)) return 'shared';
  if (/\bvendor\b/i.test(note)) return 'vendor';
  if (/\b(service|application|daemon|robot|bot)\b/i.test(note)) return 'service';
  if (/^(svc|srv|app|api|bot|job|cron|etl|batch|sys|deploy|backup)([._-]|$)|[._-](svc|srv|app|api|bot|job|service)$/i.test(name))
    return 'service';
  if (uid === 0) return 'shared';
  return uid >= 1_000 && uid < 60_000 && !hasNoShell(shell) ? 'human' : 'service';
}

/** Members of these groups become root by design of the distributions. */
const strongGroups = ['root', 'wheel', 'sudo', 'admin', 'docker', 'lxd', 'disk', 'shadow'];
export const isPrivileged = ({ uid }: PasswdLine, groups: readonly string[]): boolean =>
  uid === 0 || groups.some((group) => strongGroups.includes(group));

/** Group names of each member by name, and of each primary group by number (`#1000`). */
export type Groups = ReadonlyMap<string, readonly string[]>;

export function parseGroups(text: string): Groups {
  const groups = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [name = '', , gid = '', members = ''] = line.split(':');
    for (const key of [`#${gid}`, ...members.split(',')].filter((member) => member !== '' && member !== '#'))
      groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return groups;
}

export const groupsOf = (groups: Groups, { gid, name }: PasswdLine): string[] =>
  [...new Set([...(groups.get(`#${gid}`) ?? []), ...(groups.get(name) ?? [])])].sort();
