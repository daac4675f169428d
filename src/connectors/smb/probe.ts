// One NTLMv2 logon with one password at one server. The status of this session alone is the verdict; nothing is retried.
import type { Capabilities, Io, Probed } from '../../kit/kit.ts';
import { userOf } from '../../kit/settings.ts';
import { logOn, takesPassword, takesUser } from '../../protocols/smb/smbclient.ts';
import { type Config, serversOf } from './config.ts';
import { verdictOf } from './verdict.ts';

const smbPath = 'smb';
const open = (code: string): Probed => ({ verdict: 'indeterminate', code });

export function probe(settings: Config, io: Io): Capabilities['probe'] {
  const servers = serversOf(settings);
  const { workgroup } = settings;
  return {
    async paths() {
      return servers.map(({ replica }) => ({ path: smbPath, replica }));
    },
    async attempt(account, secret, where) {
      const server = where.path === smbPath ? servers.find(({ replica }) => replica === where.replica) : undefined;
      if (server === undefined) return open('no-such-path');
      // An empty password is an anonymous logon, and may say success.
      if (secret.use((bytes) => bytes.length === 0)) return open('empty-secret');
      if (!secret.use(takesPassword)) return open('secret-form');
      const user = userOf(settings.user, account);
      if (!takesUser(user)) return open('user-form');
      return verdictOf(await logOn(server, { user, secret, ...(workgroup === undefined ? {} : { workgroup }) }, io));
    },
  };
}
