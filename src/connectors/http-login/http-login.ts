// A web login as an access path of any system: HTTP Basic, a form, or a bearer token. Each attempt is a browser without a past.
import { defineConnector } from '../../kit/kit.ts';
import { pathSupports } from '../../kit/roles.ts';
import { userOf } from '../../kit/settings.ts';
import { config } from './config.ts';
import { formLogin } from './form-login.ts';
import { headerLogin } from './header-login.ts';
import { routeOf, Site } from './site.ts';

export const httpLogin = defineConnector({
  id: 'http-login',
  title: 'Web login (Basic, form, bearer token)',
  role: 'path',
  config,
  supports: pathSupports,
  permissions: { probe: ['none: the account logs in by itself'] },
  derivatives: [
    {
      what: 'Session cookies and remember-me cookies handed out before the change',
      killedBy: "the application's own sign-out of all sessions",
      residual: 'their lifetime in the application',
    },
    {
      what: 'A reverse proxy that caches logins (auth_request, auth_basic with proxy_cache, single sign-on in front)',
      killedBy: "a purge of its cache, or the cache's own end",
      residual: 'the lifetime of the cache; the probe of the old secret shows it',
    },
  ],
  pace: { perSecond: 5, concurrency: 2, setMs: 300, probeMs: 300 },
  async open(settings, io) {
    const servers = [settings.url, ...settings.replicas].map((address) => ({ address, replica: new URL(address).host }));
    const route = routeOf(settings, io);
    return {
      probe: {
        paths: async () => servers.map(({ replica }) => ({ path: settings.kind, replica })),
        async attempt(account, secret, where) {
          const server = servers.find(({ replica }) => replica === where.replica);
          if (server === undefined || where.path !== settings.kind) return { verdict: 'indeterminate', code: 'no-such-path' };
          if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
          const site = new Site(settings, server.address, route, io);
          const user = userOf(settings.user, account);
          return settings.kind === 'form' ? formLogin(settings, site, user, secret) : headerLogin(settings, site, user, secret);
        },
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});
