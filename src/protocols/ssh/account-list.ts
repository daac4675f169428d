// All local accounts of a host, read at once: both files and the groups.
import { done, type Outcome } from '../../kit/kit.ts';
import { type PasswdLine, parsePasswd, parseShadow, type ShadowLine } from './accounts.ts';
import { type Groups, parseGroups } from './guess.ts';
import { exitOf, type Host, ran } from './host.ts';

export type Accounts = {
  readonly passwd: readonly PasswdLine[];
  readonly shadow: ReadonlyMap<string, ShadowLine>;
  readonly groups: Groups;
};

/** /etc/passwd itself: getent would add the accounts of a directory, whose passwords are not in this host's shadow file. */
export async function readAccounts(host: Host): Promise<Outcome<Accounts>> {
  const [open, group, hidden] = await Promise.all([
    host.ask({ argv: ['cat', '/etc/passwd'] }),
    host.ask({ argv: ['cat', '/etc/group'] }),
    host.ask({ argv: ['getent', 'shadow'], as: 'root' }),
  ]);
  const [passwd, groups, shadow] = [exitOf(open), exitOf(group), exitOf(hidden)];
  if (!ran(passwd)) return passwd;
  if (!ran(groups)) return groups;
  if (!ran(shadow)) return shadow;
  return done({
    passwd: parsePasswd(passwd.out),
    shadow: new Map(parseShadow(shadow.out).map((line) => [line.name, line])),
    groups: parseGroups(groups.out),
  });
}
