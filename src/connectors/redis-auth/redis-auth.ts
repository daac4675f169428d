// Redis AUTH as a way to log in to accounts that another system holds: one login on one server, on a connection of its own.
import { defineConnector } from '../../kit/kit.ts';
import { pathSupports } from '../../kit/roles.ts';
import { tlsFor, userOf } from '../../kit/settings.ts';
import { login } from '../../protocols/redis/login.ts';
import { endpointOf, limitsOf } from '../../protocols/tcp/dial.ts';
import { config } from './config.ts';

const loginPath = 'redis-auth';

export const redisAuth = defineConnector({
  id: 'redis-auth',
  title: 'Redis AUTH',
  role: 'path',
  config,
  supports: pathSupports,
  permissions: { probe: ['none: each probe logs in as the account itself and runs no command'] },
  derivatives: [
    {
      what: 'Connections that are open on this path',
      killedBy: 'CLIENT KILL on the server, or the proxy that holds them',
      residual: 'until ended: the server never ends them by itself',
    },
  ],
  pace: { perSecond: 200, concurrency: 8, setMs: 1, probeMs: 3 },
  async open(settings, io) {
    const servers = [settings, ...settings.nodes].map((at) => endpointOf(at, tlsFor(at.host, settings.tls, io)));
    return {
      probe: {
        async paths() {
          return servers.map(({ replica }) => ({ path: loginPath, replica }));
        },
        async attempt(account, secret, where) {
          const server = servers.find(({ replica }) => replica === where.replica);
          if (server === undefined || where.path !== loginPath) return { verdict: 'indeterminate', code: 'no-such-path' };
          const user = settings.passwordOnly ? undefined : userOf(settings.user, account);
          return login(server, user, secret, limitsOf(io));
        },
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});
