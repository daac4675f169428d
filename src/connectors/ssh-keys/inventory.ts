// The local accounts that keys open, in the order of number and name, each key by fingerprint and comment. Certificates and commands that give keys are facts.

import { type Capabilities, done, type Facts, type Found, type Io } from '../../kit/kit.ts';
import { scopeOf } from '../../kit/scope.ts';
import { readAccounts } from '../../protocols/ssh/account-list.ts';
import { accountId, hasNoShell, isExpired, type PasswdLine, type ShadowLine } from '../../protocols/ssh/accounts.ts';
import { type Groups, groupsOf, isPrivileged, kindOf, ownerIn } from '../../protocols/ssh/guess.ts';
import type { Host } from '../../protocols/ssh/host.ts';
import { inOrder } from '../../protocols/ssh/names.ts';
import { isCa, type Line } from './authorized-keys.ts';
import type { Config } from './config.ts';
import { type KeyPlaces, readPlaces } from './files.ts';

/** sshd -T takes 20 ms and more for each account: a page stays well within the time of one call. */
const atOnce = 25;

export function inventory(host: Host, settings: Config, io: Io): Capabilities['inventory'] {
  const wanted = scopeOf(settings);
  return {
    async page({ cursor, limit }) {
      const all = await readAccounts(host);
      if (all.kind !== 'done') return all;
      const { passwd, shadow, groups } = all.value;
      const rest = inOrder(
        passwd.filter(({ name }) => wanted(name)),
        cursor,
      );
      const some = rest.slice(0, Math.min(limit, atOnce));
      const read = await readPlaces(host, settings, some);
      if (read.kind !== 'done') return read;
      const items = some.flatMap((line, n) => {
        const places = read.value[n];
        return places === undefined || entries(places).length === 0
          ? []
          : [found(line, places, groups, shadow.get(line.name), host.user, io.now())];
      });
      const last = some.at(-1);
      // A page may be empty: most accounts of a host have no key.
      return done(rest.length > some.length && last !== undefined ? { items, next: accountId(last) } : { items });
    },
  };
}

type Entry = { readonly line: Line; readonly path: string };
const entries = ({ files }: KeyPlaces): Entry[] =>
  files.flatMap(({ path, lines }) => lines.filter(({ key }) => key !== undefined).map((line) => ({ line, path })));

function found(line: PasswdLine, places: KeyPlaces, groups: Groups, shadow: ShadowLine | undefined, own: string, now: Date): Found {
  const member = groupsOf(groups, line);
  const owner = ownerIn(line.note);
  const changed = Math.max(...places.files.map(({ changedAt }) => changedAt?.getTime() ?? 0));
  const expired = shadow !== undefined && isExpired(shadow, now);
  const facts: Facts = {
    own: line.name === own,
    uid: line.uid,
    shell: line.shell,
    loginShell: !hasNoShell(line.shell),
    groups: member,
    expired,
    keys: entries(places).map(({ line: each, path }) => ({
      fingerprint: each.key?.fingerprint ?? '',
      type: each.key?.type ?? '',
      comment: each.comment,
      options: each.options,
      ca: isCa(each),
      file: path,
    })),
    // Keys and certificates that are in no file of the account: a reset of its keys does not touch them.
    keysCommand: places.command ?? null,
    trustedCas: places.cas ?? null,
  };
  return {
    id: accountId(line),
    name: line.name,
    kind: kindOf(line),
    enabled: !expired,
    privileged: isPrivileged(line, member),
    facts,
    ...(owner === undefined ? {} : { owner }),
    ...(changed === 0 ? {} : { changedAt: new Date(changed) }),
  };
}
