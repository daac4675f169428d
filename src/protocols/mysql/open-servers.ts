// Every server of one system, the one that takes writes first, and the account Rekey itself logs in with: reset by Rekey, its new secret is used at once.
import type { Io, Secret } from '../../kit/kit.ts';
import { type Dialect, Server } from './server.ts';
import { type Endpoint, endpoints, type ServerSettings } from './settings.ts';

export type Hands = {
  readonly servers: readonly [Server, ...Server[]];
  /** Whether it is the account Rekey logs in with, and what to do once its secret is another one. */
  readonly isOwn: (id: string) => Promise<boolean>;
  readonly keepOwn: (secret: Secret) => void;
};

export async function openServers(
  settings: ServerSettings,
  io: Io,
  dialect: Dialect,
): Promise<Hands & { readonly end: () => Promise<void> }> {
  const driver = await import('mysql2');
  let own: Secret | undefined;
  const ownSecret = async (): Promise<Secret> => own ?? io.resolve(settings.password);
  const serverOf = (endpoint: Endpoint) => new Server(driver, settings, endpoint, dialect, io, ownSecret);
  const [first, ...others] = endpoints(settings, io);
  const primary = serverOf(first);
  const servers = [primary, ...others.map(serverOf)] as const;
  return {
    servers,
    isOwn: async (id) => {
      const identity = await primary.identity();
      return identity.kind === 'rows' && identity.rows[0]?.account === id;
    },
    // Its later connections need the new value, whatever the reference still holds.
    keepOwn: (secret) => {
      own = secret;
    },
    end: async () => {
      await Promise.all(servers.map((server) => server.end()));
    },
  };
}
