// How a server keeps its users beyond a restart: in its ACL file, in its config file, or not at all.
import { done, type Outcome } from '../../kit/kit.ts';
import type { Answer } from '../../protocols/redis/link.ts';
import { oddReply, outcomeOf } from './fault.ts';
import { texts } from './user.ts';

/** Asked together with what is to be changed; `persistBy` reads the answers. */
export const aclFileQuestion: readonly (readonly string[])[] = [
  ['CONFIG', 'GET', 'aclfile'],
  ['INFO', 'server'],
];

/** `undefined`: nowhere, a restart brings back what was there at the start. */
export function persistBy(answers: readonly Answer[], where: string): Outcome<readonly string[] | undefined> {
  const [asked, info] = answers;
  if (asked === undefined || info === undefined) return oddReply(where);
  if (asked.kind !== 'reply') return outcomeOf(asked, where);
  if (info.kind !== 'reply') return outcomeOf(info, where);
  if (typeof info.value !== 'string') return oddReply(where);
  const aclFile = texts(asked.value)?.[1] ?? '';
  if (aclFile !== '') return done(['ACL', 'SAVE']);
  return done((infoOf(info.value).get('config_file') ?? '') === '' ? undefined : ['CONFIG', 'REWRITE']);
}

/** The lines `name:value` of INFO. */
export function infoOf(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':') && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}
