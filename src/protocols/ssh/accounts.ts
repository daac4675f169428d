// Local accounts as /etc/passwd and /etc/shadow tell them. An account is its number and its name together: one of them alone may come to mean another.
import { createHash } from 'node:crypto';
import { type AccountRef, done, type Outcome, refused } from '../../kit/kit.ts';
import { exitOf, type Host, ran } from './host.ts';

export type PasswdLine = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly note: string;
  readonly home: string;
  readonly shell: string;
};
/** Days count from 1970-01-01. `field` is the stored hash with its marks. */
export type ShadowLine = {
  readonly name: string;
  readonly field: string;
  readonly lastDay?: number;
  readonly maxDays?: number;
  readonly expireDay?: number;
};
export type Record = { readonly passwd: PasswdLine; readonly shadow: ShadowLine };

/** Several names may share a number (a second root), and a name may be given to somebody new. */
export const accountId = ({ uid, name }: Pick<PasswdLine, 'uid' | 'name'>): string => `${uid}:${name}`;

/** A name that is one word for every tool: no option, no separator of the files, no control character. */
export const isName = (name: string): boolean => /^[^-:,/\s\p{Cc}][^:,/\s\p{Cc}]*$/u.test(name);

export function parsePasswd(text: string): PasswdLine[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', , uid = '', gid = '', note = '', home = '', shell = ''] = line.split(':');
    return isName(name) && /^\d+$/.test(uid) ? [{ name, uid: Number(uid), gid: Number(gid), note, home, shell }] : [];
  });
}

export function parseShadow(text: string): ShadowLine[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', field, last = '', , max = '', , , expire = ''] = line.split(':');
    if (name === '' || field === undefined) return [];
    return [{ name, field, ...dayOf('lastDay', last), ...dayOf('maxDays', max), ...dayOf('expireDay', expire) }];
  });
}

function dayOf<K extends string>(key: K, text: string): { [k in K]?: number } {
  return /^\d+$/.test(text) ? ({ [key]: Number(text) } as { [k in K]?: number }) : {}; // a computed key widens the type
}

/** Both records of one account, read now. Refused when number and name no longer belong together. */
export async function readRecord(host: Host, account: AccountRef): Promise<Outcome<Record>> {
  const { name } = account;
  const missing = refused('not-found', `there is no local account ${JSON.stringify(name)} with this number: run rekey discover`);
  if (!isName(name) || !account.id.endsWith(`:${name}`)) return missing;
  const [open, hidden] = await Promise.all([
    host.ask({ argv: ['getent', 'passwd', name] }),
    host.ask({ argv: ['getent', 'shadow', name], as: 'root' }),
  ]);
  const [first, second] = [exitOf(open), exitOf(hidden)];
  if (!ran(first)) return first;
  if (!ran(second)) return second;
  const passwd = parsePasswd(first.out).find((each) => accountId(each) === account.id);
  if (passwd === undefined) return missing;
  const shadow = parseShadow(second.out).find((each) => each.name === name);
  if (shadow === undefined) return refused('not-found', `${name} has no line in /etc/shadow: it is no local account, or it cannot be read`);
  return done({ passwd, shadow });
}

/** `!` in front closes the password and keeps it; `*` never was one. */
export const isLocked = (field: string): boolean => field.startsWith('!');
export const hashIn = (field: string): string | undefined => {
  const bare = field.replace(/^!+/, '');
  return bare.length > 1 && !bare.startsWith('*') ? bare : undefined;
};
export const isOpen = (field: string): boolean => field === '';

/** The scheme's name, for planners: a DES or MD5 hash in a leaked file falls within minutes. */
export function schemeOf(field: string): string {
  const hash = hashIn(field);
  if (isOpen(field)) return 'empty';
  if (hash === undefined) return 'none';
  const prefix = /^\$([^$]+)\$/.exec(hash)?.[1];
  return prefix === undefined ? 'des' : (schemes[prefix] ?? prefix);
}
const schemes: { readonly [prefix: string]: string } = {
  '1': 'md5',
  '2a': 'bcrypt',
  '2b': 'bcrypt',
  '2y': 'bcrypt',
  '5': 'sha256',
  '6': 'sha512',
  '7': 'scrypt',
  gy: 'gost-yescrypt',
  y: 'yescrypt',
};

/**
 * Differs after every change. Made from the hash only where its salt keeps the digest from being an oracle for guesses (48 bits or more);
 * a shorter salt leaves the scheme and the day.
 */
export function markerOf(shadow: ShadowLine): string {
  const hash = hashIn(shadow.field);
  const salt = hash === undefined ? '' : (/^\$(?:[^$]+)\$(?:(?:rounds=\d+|[a-zA-Z0-9./]{1,10})\$)?([^$]{8,})\$/.exec(hash)?.[1] ?? '');
  if (hash === undefined || salt === '') return `${schemeOf(shadow.field)}:${shadow.lastDay ?? ''}`;
  return createHash('sha256').update('rekey-shadow\0').update(hash).digest('hex');
}

const dayNow = (now: Date): number => Math.floor(now.getTime() / 86_400_000);
export const isExpired = (shadow: ShadowLine, now: Date): boolean => shadow.expireDay !== undefined && shadow.expireDay <= dayNow(now);

/** Shells that end at once. An account with one of them may still authenticate. */
export const hasNoShell = (shell: string): boolean => /\/(nologin|false|sync|halt|shutdown)$/.test(shell);
