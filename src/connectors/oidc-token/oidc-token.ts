// A token endpoint as a way to log in: users by the password grant, clients by their own secret. The accounts belong to another system.
import { defineConnector } from '../../kit/kit.ts';
import { pathSupports } from '../../kit/roles.ts';
import { config } from './config.ts';
import { probe } from './probe.ts';

export const oidcToken = defineConnector({
  id: 'oidc-token',
  title: 'OAuth 2.0 token endpoint',
  role: 'path',
  config,
  supports: pathSupports,
  permissions: { probe: ['for users: a client of its own with the password grant (direct access) and nothing else', 'for clients: none'] },
  derivatives: [
    {
      what: 'Access tokens given out before the change',
      killedBy: 'their expiry; revocation where resource servers introspect them',
      residual: 'their lifetime: read "exp" of one, minutes to a day as a rule',
    },
    {
      what: 'Refresh and offline tokens given out before the change',
      killedBy: 'revocation at the provider (connector oidc, or the provider’s own)',
      residual: 'their lifetime: months, or for ever',
    },
  ],
  pace: { perSecond: 10, concurrency: 4, setMs: 1, probeMs: 150 },
  async open(settings, io) {
    return { probe: probe(settings, io), async [Symbol.asyncDispose]() {} };
  },
});
