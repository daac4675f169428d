// One login with one password: over SSH on a connection of its own, or by sudo and su on the host. A locked account is not a wrong password.
import type { AccountRef, Capabilities, Io, Probed } from '../../kit/kit.ts';
import { isLocked, isName, readRecord } from '../../protocols/ssh/accounts.ts';
import type { Host } from '../../protocols/ssh/host.ts';
import { attemptLogin, isEmpty, sshPath } from '../../protocols/ssh/login.ts';
import type { Config } from './config.ts';
import { attemptLocally } from './local-paths.ts';
import { lockoutOf, type ReadRules } from './rules.ts';
import { isTypeable } from './set.ts';

export function probe(host: Host, settings: Config, rules: ReadRules, io: Io): Capabilities['probe'] {
  const { endpoint } = host;
  const { replica } = endpoint;
  return {
    async paths() {
      return [sshPath, ...settings.paths].map((path) => ({ path, replica }));
    },
    async attempt(account, secret, where) {
      const local = settings.paths.find((path) => path === where.path);
      if (where.replica !== replica || (where.path !== sshPath && local === undefined))
        return { verdict: 'indeterminate', code: 'no-such-path' };
      if (isEmpty(secret)) return { verdict: 'indeterminate', code: 'empty-secret' };
      // A line break would end the password on the host's side: what comes before it would be proved.
      if (!isTypeable(secret) || !isName(account.name)) return { verdict: 'indeterminate', code: 'not-typeable' };
      const probed =
        local === undefined
          ? await attemptLogin(endpoint, { user: account.name, secret, kind: 'password' }, io)
          : await attemptLocally(host, local, account, secret);
      return probed.verdict === 'rejected' ? closedOr(probed, host, rules, account) : probed;
    },
  };
}

/** pam_unix and pam_faillock answer the right password of a locked account as they answer a wrong one: the host's own record tells them apart. */
async function closedOr(rejected: Probed, host: Host, rules: ReadRules, account: AccountRef): Promise<Probed> {
  const [record, lockout] = await Promise.all([readRecord(host, account), lockoutOf(host, rules, account)]);
  if (record.kind === 'done' && isLocked(record.value.shadow.field)) return { verdict: 'blocked', code: 'locked' };
  if (lockout.kind === 'done') {
    const { threshold, failures } = lockout.value;
    if (threshold !== undefined && threshold > 0 && failures !== undefined && failures >= threshold)
      return { verdict: 'blocked', code: 'faillock' };
  }
  const gone = record.kind === 'refused' && record.fault.code === 'not-found';
  if ((record.kind !== 'done' && !gone) || lockout.kind !== 'done') return { verdict: 'indeterminate', code: 'record-unread' };
  return rejected;
}
