// One bind with one password on one server. The verdict is the answer to this bind alone; nothing is retried, because a retry may count twice.
import type { Capabilities, Io, Probed, Secret } from '../../kit/kit.ts';
import type { Endpoint } from '../../protocols/ldap/endpoint.ts';
import { Link, LinkError } from '../../protocols/ldap/link.ts';
import { bindRequest, ppolicyControl } from '../../protocols/ldap/message.ts';
import { bindName, type Config } from './config.ts';
import { verdictOf } from './verdict.ts';

const bindPath = 'bind';
const open = (code: string): Probed => ({ verdict: 'indeterminate', code });

export function probe(settings: Config, servers: readonly Endpoint[], io: Io): Capabilities['probe'] {
  return {
    async paths() {
      return servers.map(({ url }) => ({ path: bindPath, replica: url }));
    },
    async attempt(account, secret, where) {
      const server = where.path === bindPath ? servers.find(({ url }) => url === where.replica) : undefined;
      if (server === undefined) return open('no-such-path');
      // With an empty password or name a bind is "unauthenticated" or anonymous, and may say success (RFC 4513 section 5.1).
      if (secret.use((bytes) => bytes.length === 0)) return open('empty-secret');
      const name = bindName(settings.user, account);
      if (name.trim() === '') return open('empty-name');
      if (io.signal.aborted) return open('ABORTED');
      return bind(server, name, secret, io);
    },
  };
}

/** A connection of its own for each bind: one that is kept would prove the server behind a balancer that answered first. */
function bind(server: Endpoint, name: string, secret: Secret, io: Io): Promise<Probed> {
  return new Promise((resolve) => {
    let link: Link | undefined;
    const settle = (probed: Probed): void => {
      clearTimeout(timer);
      io.signal.removeEventListener('abort', stop);
      link?.close();
      resolve(probed);
    };
    // Connecting, TLS and the bind have a limit each; this one is for all three.
    const timer = setTimeout(() => settle(open('ETIMEDOUT')), io.timeoutMs);
    const stop = (): void => settle(open('ABORTED'));
    io.signal.addEventListener('abort', stop, { once: true });
    Link.open(server, io.timeoutMs)
      .then((opened) => {
        link = opened;
        if (io.signal.aborted) throw new LinkError('exchange', 'ABORTED', false);
        return secret.use((bytes) => opened.request(bindRequest(name, bytes), [ppolicyControl], true));
      })
      .then((answer) => settle(verdictOf(answer)))
      // Also for a control that is not what it says it is: whatever a server sends, it is no reason to stop the process.
      .catch((error: unknown) => settle(open(error instanceof LinkError ? error.code : 'EPROTO')))
      .finally(() => link?.close());
  });
}
