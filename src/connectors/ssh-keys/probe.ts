// One login with one private key on a connection of its own. A key that is still listed is never called refused.
import type { AccountRef, Capabilities, Io, Probed, Secret } from '../../kit/kit.ts';
import { isName } from '../../protocols/ssh/accounts.ts';
import type { Host } from '../../protocols/ssh/host.ts';
import { parsePrivateKey } from '../../protocols/ssh/key.ts';
import { attemptLogin, isEmpty, sshPath } from '../../protocols/ssh/login.ts';
import type { Config } from './config.ts';
import { readKeys } from './state.ts';

export function probe(host: Host, settings: Config, io: Io): Capabilities['probe'] {
  const { endpoint } = host;
  return {
    async paths() {
      return [{ path: sshPath, replica: endpoint.replica }];
    },
    async attempt(account, secret, where) {
      if (where.replica !== endpoint.replica || where.path !== sshPath) return { verdict: 'indeterminate', code: 'no-such-path' };
      if (isEmpty(secret)) return { verdict: 'indeterminate', code: 'empty-secret' };
      if (!isName(account.name)) return { verdict: 'indeterminate', code: 'not-typeable' };
      const probed = await attemptLogin(endpoint, { user: account.name, secret, kind: 'key' }, io);
      return probed.verdict === 'rejected' ? listedOr(probed, host, settings, account, secret) : probed;
    },
  };
}

/** sshd refuses a listed key in the same words: from another address (from=), after its time, or in a file whose mode it does not trust. */
async function listedOr(rejected: Probed, host: Host, settings: Config, account: AccountRef, secret: Secret): Promise<Probed> {
  const [keys, parsed] = await Promise.all([readKeys(host, settings, account), secret.text(parsePrivateKey)]);
  if (keys.kind === 'refused' && keys.fault.code === 'not-found') return rejected;
  if (keys.kind !== 'done' || 'bad' in parsed) return { verdict: 'indeterminate', code: 'record-unread' };
  const { blob } = parsed.public;
  const listed = keys.value.places.files.some(({ lines }) => lines.some(({ key }) => key?.blob.equals(blob)));
  return listed ? { verdict: 'blocked', code: 'listed' } : rejected;
}
