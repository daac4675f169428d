// One login with one password at one KDC. The answer of this KDC alone is the verdict; nothing is retried, because a retry may count twice.
import type { Capabilities, Io } from '../../kit/kit.ts';
import { userOf } from '../../kit/settings.ts';
import { logIn } from '../../protocols/kerberos/log-in.ts';
import { type Config, kdcsOf, principalOf } from './config.ts';
import { isRight, verdictOf } from './verdict.ts';

const kerberosPath = 'kerberos';

export function probe(settings: Config, io: Io): Capabilities['probe'] {
  const kdcs = kdcsOf(settings);
  return {
    async paths() {
      return kdcs.map(({ replica }) => ({ path: kerberosPath, replica }));
    },
    async attempt(account, secret, where) {
      const kdc = where.path === kerberosPath ? kdcs.find(({ replica }) => replica === where.replica) : undefined;
      if (kdc === undefined) return { verdict: 'indeterminate', code: 'no-such-path' };
      if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
      const name = principalOf(userOf(settings.user, account), settings.realm);
      if (name === undefined) return { verdict: 'indeterminate', code: 'not-a-principal' };
      const until = { deadline: performance.now() + io.timeoutMs, signal: io.signal };
      const answer = await logIn(kdc, { realm: settings.realm, name }, secret, until, () => io.now());
      switch (answer.kind) {
        case 'ticket':
          return { verdict: 'accepted', code: '0' };
        case 'error':
          return { verdict: verdictOf(answer.code), code: String(answer.code), ...(isRight(answer) && { right: true }) };
        case 'unknown':
          return { verdict: 'indeterminate', code: answer.code };
      }
    },
  };
}
