// The ACL users of all servers, by name: a page that is read again after a crash shows the same users. No hash is ever read into facts.

import type { Kind } from '../../domain/account.ts';
import { type Capabilities, done, type Facts, type Found, type Outcome } from '../../kit/kit.ts';
import { scopeOf } from '../../kit/scope.ts';
import { clientsOf } from './clients.ts';
import type { Config } from './config.ts';
import { type Failures, failuresOf } from './failures.ts';
import { oddReply, outcomeOf } from './fault.ts';
import type { Node } from './node.ts';
import { isPrivileged } from './rights.ts';
import { getUser, texts, type User, userOf } from './user.ts';

export function inventory(nodes: readonly [Node, ...Node[]], settings: Config): Capabilities['inventory'] {
  const taken = scopeOf(settings);
  return {
    async page({ cursor, limit }) {
      const names = new Set<string>();
      const seen: Seen[] = [];
      for (const node of nodes) {
        const users = await namesOn(node);
        if (users.kind !== 'done') return users;
        for (const name of users.value) if (taken(name)) names.add(name);
      }
      const page = [...names]
        .filter((name) => cursor === undefined || name > cursor)
        .sort((a, b) => (a < b ? -1 : 1))
        .slice(0, limit);
      for (const node of nodes) {
        const read = await usersOn(node, page);
        if (read.kind !== 'done') return read;
        seen.push(read.value);
      }
      const items = page.flatMap((name) => found(name, seen, settings));
      const last = page.at(-1);
      return done(page.length < limit || last === undefined ? { items } : { items, next: last });
    },
  };
}

/** What one server knows of the users of a page. */
type Seen = {
  readonly where: string;
  readonly users: ReadonlyMap<string, User>;
  readonly replicas: readonly string[];
  readonly failures: ReadonlyMap<string, Failures>;
};

async function namesOn(node: Node): Promise<Outcome<readonly string[]>> {
  const where = node.endpoint.replica;
  const [answer] = await node.read([['ACL', 'USERS']]);
  if (answer === undefined) return oddReply(where);
  if (answer.kind !== 'reply') return outcomeOf(answer, where);
  const names = texts(answer.value);
  return names === undefined ? oddReply(where) : done(names);
}

async function usersOn(node: Node, page: readonly string[]): Promise<Outcome<Seen>> {
  const where = node.endpoint.replica;
  const clients = await clientsOf(node);
  if (clients.kind !== 'done') return clients;
  const answers = await node.read([...page.map((id) => getUser({ id })), ['ACL', 'LOG', '128']]);
  const users = new Map<string, User>();
  for (const [n, name] of page.entries()) {
    const user = userOf(answers[n], where);
    if (user.kind !== 'done') return user;
    if (user.value !== undefined) users.set(name, user.value);
  }
  const replicas = clients.value.filter(({ replica }) => replica).map(({ user }) => user);
  return done({ where, users, replicas, failures: failuresOf(answers.at(-1)) });
}

function found(name: string, seen: readonly Seen[], settings: Config): Found[] {
  const first = seen.map(({ users }) => users.get(name)).find((user) => user !== undefined);
  if (first === undefined) return []; // Dropped between two readings.
  const without = (test: (user: User | undefined) => boolean): string[] =>
    seen.filter(({ users }) => test(users.get(name))).map(({ where }) => where);
  const same = (user: User): boolean =>
    user.on === first.on && user.nopass === first.nopass && [...user.hashes].sort().join() === [...first.hashes].sort().join();
  const facts: Facts = {
    own: name === settings.user,
    // Any password opens it, and for `default` none at all.
    nopass: seen.some(({ users }) => users.get(name)?.nopass === true),
    passwords: Math.max(...seen.map(({ users }) => users.get(name)?.hashes.length ?? 0)),
    commands: first.commands,
    missingOn: without((user) => user === undefined),
    differsOn: without((user) => user !== undefined && !same(user)),
    // Servers that copy data over a login of this user: their masterauth is a consumer of its password.
    replicaLogins: seen.reduce((sum, { replicas }) => sum + replicas.filter((user) => user === name).length, 0),
    // Who was lately refused, from ACL LOG: after a reset, who still tries the old password.
    refusedLogins: seen.flatMap(({ where, failures }) => failures.get(name)?.map((failure) => ({ ...failure, on: where })) ?? []),
  };
  return [{ id: name, name, kind: kindOf(name), enabled: first.on, privileged: isPrivileged(first.commands), facts }];
}

/** Users of a cache are programs unless the name is a person's; `default` is whoever names no user. `owners.csv` puts a wrong guess right. */
export function kindOf(name: string): Kind {
  if (name === 'default') return 'shared';
  return /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(name) || /^[a-z]{2,}\.[a-z]{2,}$/i.test(name) ? 'human' : 'service';
}
