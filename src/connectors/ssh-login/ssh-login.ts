// A way to log in: SSH to hosts whose accounts another system holds (a directory, a key service). Nothing is sent to a host that shows another key.
import { defineConnector, type Secret } from '../../kit/kit.ts';
import { pathSupports } from '../../kit/roles.ts';
import { userOf } from '../../kit/settings.ts';
import { attemptLogin, isEmpty, kindOf, sshPath } from '../../protocols/ssh/login.ts';
import { endpointOf } from '../../protocols/ssh/settings.ts';
import { config } from './config.ts';

export const sshLogin = defineConnector({
  id: 'ssh-login',
  title: 'SSH login',
  role: 'path',
  config,
  supports: pathSupports,
  permissions: { probe: ['sshd takes logins of these accounts from this machine; no fail2ban or PerSourcePenalties against it'] },
  derivatives: [
    {
      what: 'Open SSH sessions, also those that only forward ports',
      killedBy: 'linux-ssh or ssh-keys for the host (sessions.end)',
      residual: 'until ended: sshd never ends them by itself',
    },
    {
      what: 'Credentials that a host keeps to log people in while the directory is away (sssd, winbind)',
      killedBy: 'sss_cache -u on the host, or a login with the new password; the host must be able to reach the directory',
      residual: 'offline_credentials_expiration of sssd; for ever by default',
    },
  ],
  // A wrong password takes 2 to 3.5 s: PAM waits before it says no.
  pace: { perSecond: 20, concurrency: 8, setMs: 1, probeMs: 1_300 },
  async open(settings, io) {
    const endpoints = settings.hosts.map(endpointOf);
    return {
      probe: {
        async paths() {
          return endpoints.map(({ replica }) => ({ path: sshPath, replica }));
        },
        async attempt(account, secret, where) {
          const endpoint = endpoints.find(({ replica }) => replica === where.replica);
          if (endpoint === undefined || where.path !== sshPath) return { verdict: 'indeterminate', code: 'no-such-path' };
          if (isEmpty(secret)) return { verdict: 'indeterminate', code: 'empty-secret' };
          const kind = settings.method === 'auto' ? kindOf(secret) : settings.method;
          if (kind === 'password' && !isOneLine(secret)) return { verdict: 'indeterminate', code: 'not-typeable' };
          return attemptLogin(endpoint, { user: userOf(settings.user, account), secret, kind }, io);
        },
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});

/** PAM reads one line: what comes before a line break would be proved instead of the password. */
const isOneLine = (secret: Secret): boolean => secret.text((text) => !/\p{Cc}/u.test(text));
