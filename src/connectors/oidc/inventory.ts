// The clients the estate file names, in the order of their ids.
import { type Capabilities, done, type Found } from '../../kit/kit.ts';
import type { Client, Config } from './config.ts';

export function inventory(settings: Config): Capabilities['inventory'] {
  const clients = [...settings.clients].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    async page({ cursor, limit }) {
      const some = clients.filter(({ id }) => cursor === undefined || id > cursor).slice(0, limit);
      const last = some.at(-1);
      const items = some.map(found);
      return done(last === undefined || last.id === clients.at(-1)?.id ? { items } : { items, next: last.id });
    },
  };
}

function found(client: Client): Found {
  return {
    id: client.id,
    name: client.name ?? client.id,
    login: client.id,
    kind: client.kind,
    enabled: true,
    privileged: client.privileged,
    ...(client.owner === undefined ? {} : { owner: client.owner }),
    facts: {
      authentication: client.auth,
      secretReplaced: client.registration === undefined ? 'at the provider' : 'through its registration',
      knownRefreshTokens: client.tokens !== undefined,
    },
  };
}
