// Logins on the IMAP servers of an estate as a probe: one path, one replica for each server, a connection of its own for each attempt.
import type { AccountRef, Capabilities, Io } from '../../kit/kit.ts';
import { limitsOf } from '../tcp/dial.ts';
import { login } from './login.ts';
import type { ImapServer, ImapSettings } from './settings.ts';

export const imapPath = 'imap';

export function probe(
  servers: readonly ImapServer[],
  settings: ImapSettings,
  nameOf: (account: AccountRef) => string,
  io: Io,
): Capabilities['probe'] {
  return {
    async paths() {
      return servers.map(({ at }) => ({ path: imapPath, replica: at.replica }));
    },
    async attempt(account, secret, where) {
      const server = servers.find(({ at }) => at.replica === where.replica);
      if (server === undefined || where.path !== imapPath) return { verdict: 'indeterminate', code: 'no-such-path' };
      return login(server, nameOf(account), secret, settings, limitsOf(io));
    },
  };
}
