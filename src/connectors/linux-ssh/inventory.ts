// The local accounts that have a password, in the order of number and name: a page that is read again after a crash shows the same ones. No hash is in the facts.
import { type Capabilities, done, type Facts, type Found, type Io, type Outcome } from '../../kit/kit.ts';
import {
  accountId,
  hashIn,
  hasNoShell,
  isExpired,
  isLocked,
  isOpen,
  type PasswdLine,
  parsePasswd,
  parseShadow,
  type ShadowLine,
  schemeOf,
} from '../../protocols/ssh/accounts.ts';
import { type Groups, groupsOf, isPrivileged, kindOf, ownerIn, parseGroups } from '../../protocols/ssh/guess.ts';
import { exitOf, type Host, ran } from '../../protocols/ssh/host.ts';
import { inOrder, matcher } from '../../protocols/ssh/names.ts';
import type { Config } from './config.ts';

export function inventory(host: Host, settings: Config, io: Io): Capabilities['inventory'] {
  const wanted = matcher(settings.include, settings.exclude);
  return {
    async page({ cursor, limit }) {
      const read = await readAll(host);
      if (read.kind !== 'done') return read;
      const { passwd, shadow, groups } = read.value;
      const mine = passwd.filter((line) => wanted(line.name) && hasPassword(shadow.get(line.name)));
      const rows = inOrder(mine, cursor);
      const items = rows.slice(0, limit).map((line) => found(line, shadow.get(line.name) as ShadowLine, groups, host.user, io.now())); // filtered above
      const last = items.at(-1);
      return done(rows.length > limit && last !== undefined ? { items, next: last.id } : { items });
    },
  };
}

const hasPassword = (shadow: ShadowLine | undefined): boolean =>
  shadow !== undefined && (hashIn(shadow.field) !== undefined || isOpen(shadow.field));

type All = { readonly passwd: readonly PasswdLine[]; readonly shadow: ReadonlyMap<string, ShadowLine>; readonly groups: Groups };

/** /etc/passwd itself: getent would add the accounts of a directory, whose passwords are not in this host's shadow file. */
async function readAll(host: Host): Promise<Outcome<All>> {
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

function found(line: PasswdLine, shadow: ShadowLine, groups: Groups, own: string, now: Date): Found {
  const member = groupsOf(groups, line);
  const owner = ownerIn(line.note);
  const facts: Facts = {
    own: line.name === own,
    uid: line.uid,
    shell: line.shell,
    loginShell: !hasNoShell(line.shell),
    groups: member,
    hash: schemeOf(shadow.field),
    locked: isLocked(shadow.field),
    expired: isExpired(shadow, now),
    // chage -d 0: the next login must change the password, and sshd runs no command before.
    mustChange: shadow.lastDay === 0,
  };
  return {
    id: accountId(line),
    name: line.name,
    kind: kindOf(line),
    enabled: !isLocked(shadow.field) && !isExpired(shadow, now),
    privileged: isPrivileged(line, member),
    facts,
    ...(owner === undefined ? {} : { owner }),
    ...(shadow.lastDay === undefined || shadow.lastDay === 0 ? {} : { changedAt: new Date(shadow.lastDay * 86_400_000) }),
  };
}
