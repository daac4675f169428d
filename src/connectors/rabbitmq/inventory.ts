// The users of the cluster, by name: a page that is read again after a crash shows the same users. No hash is ever read into facts.

import { z } from 'zod';
import type { Kind } from '../../domain/account.ts';
import { type Capabilities, done, type Found, type Outcome } from '../../kit/kit.ts';
import { scopeOf } from '../../kit/scope.ts';
import { type Api, pathOf } from './api.ts';
import type { Config } from './config.ts';
import { isSuccess, oddAnswer, outcomeOf } from './fault.ts';
import { linksOf, type Parameter, parameterList } from './links.ts';
import { type User, userIn } from './user.ts';

const permissions = z.array(z.looseObject({ user: z.string(), vhost: z.string() }));

export function inventory(api: Api, settings: Config): Capabilities['inventory'] {
  const taken = scopeOf(settings);
  return {
    async page({ cursor, limit }) {
      // The API pages by number, which moves when a user is made meanwhile; clusters have hundreds of users, which are one answer.
      const listed = await read(api, 'users', z.array(z.unknown()));
      if (listed.kind !== 'done') return listed;
      const users: User[] = [];
      for (const each of listed.value) {
        const user = userIn(each);
        if (user === undefined) return oddAnswer();
        if (taken(user.name) && (cursor === undefined || user.name > cursor)) users.push(user);
      }
      const page = users.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit);
      const granted = await read(api, 'permissions', permissions);
      if (granted.kind !== 'done') return granted;
      const links = await read(api, 'parameters', parameterList);
      if (links.kind !== 'done') return links;
      const items = page.map((user) => found(user, granted.value, links.value, settings));
      const last = page.at(-1);
      return done(page.length < limit || last === undefined ? { items } : { items, next: last.name });
    },
  };
}

async function read<T>(api: Api, path: string, form: z.ZodType<T>): Promise<Outcome<T>> {
  const answer = await api.call('GET', pathOf(path));
  if (!isSuccess(answer)) return outcomeOf(answer);
  const parsed = form.safeParse(answer.json);
  return parsed.success ? done(parsed.data) : oddAnswer();
}

function found(user: User, granted: z.infer<typeof permissions>, links: readonly Parameter[], settings: Config): Found {
  return {
    id: user.name,
    name: user.name,
    kind: kindOf(user.name),
    enabled: user.mostConnections !== 0,
    privileged: user.tagList.some((tag) => tag === 'administrator' || tag === 'policymaker'),
    facts: {
      own: user.name === settings.user,
      tags: [...user.tagList],
      // Without a hash no password opens it: it logs in by certificate, by token, or not at all.
      password: user.hash !== '',
      hashing: user.algorithm,
      vhosts: granted.filter((each) => each.user === user.name).map(({ vhost }) => vhost),
      connectionLimit: user.mostConnections ?? null,
      // Shovels and federation upstreams that hold this user's password in their address: consumers, each to be rewritten.
      links: linksOf(user.name, links),
    },
  };
}

/** Users of a broker are programs unless the name is a person's; `guest` is whoever. `owners.csv` puts a wrong guess right. */
export function kindOf(name: string): Kind {
  if (name === 'guest') return 'shared';
  return /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(name) || /^[a-z]{2,}\.[a-z]{2,}$/i.test(name) ? 'human' : 'service';
}
