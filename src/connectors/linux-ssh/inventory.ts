// The local accounts that have a password, in the order of number and name: a page that is read again after a crash shows the same ones. No hash is in the facts.

import { type Capabilities, done, type Facts, type Found, type Io } from '../../kit/kit.ts';
import { scopeOf } from '../../kit/scope.ts';
import { readAccounts } from '../../protocols/ssh/account-list.ts';
import {
  accountId,
  hashIn,
  hasNoShell,
  isExpired,
  isLocked,
  isOpen,
  type PasswdLine,
  type ShadowLine,
  schemeOf,
} from '../../protocols/ssh/accounts.ts';
import { type Groups, groupsOf, isPrivileged, kindOf, ownerIn } from '../../protocols/ssh/guess.ts';
import type { Host } from '../../protocols/ssh/host.ts';
import { inOrder } from '../../protocols/ssh/names.ts';
import type { Config } from './config.ts';

export function inventory(host: Host, settings: Config, io: Io): Capabilities['inventory'] {
  const wanted = scopeOf(settings);
  return {
    async page({ cursor, limit }) {
      const read = await readAccounts(host);
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
