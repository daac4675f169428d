// Clients of an OpenID provider by the standards alone: secrets replaced through RFC 7592, tokens ended by RFC 7009, asked about by RFC
// 7662 and tried again.
import { defineConnector, done } from '../../kit/kit.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { inventory } from './inventory.ts';
import { probe } from './probe.ts';
import { Provider } from './provider.ts';
import { dualSecret } from './slots.ts';
import { sessions } from './tokens.ts';

export const oidc = defineConnector({
  id: 'oidc',
  title: 'OpenID Connect provider (clients and their tokens)',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: { cannot: 'The provider makes the secrets.' },
    secretForm: { cannot: 'The provider makes the secrets.' },
    setSecret: { cannot: 'RFC 7592 lets nobody choose the secret of a client: the provider makes it.' },
    overlap: { cannot: 'A client has one secret, and the standards know no second.' },
    dualSecret: true,
    state: { cannot: 'No standard says when the secret of a client was made.' },
    lockout: true,
    sessions: true,
    contain: { cannot: 'RFC 7592 can delete a client and not block it. Block it with the tools of the provider.' },
    storeConsumer: { cannot: 'A provider is not a place workloads read their secrets from.' },
    probe: true,
  },
  permissions: {
    dualSecret: ['the registration_access_token of each client'],
    sessions: ['the secret of each client: only the client itself may end its tokens'],
    probe: ['none: the revocation endpoint, or client_credentials where config.probe says so'],
  },
  derivatives: [
    {
      what: 'Refresh tokens given out before: they go on with the new secret of the client',
      killedBy: 'sessions.end, for those the estate file knows (clients.tokens): revoked, asked about, tried again',
      residual: 'their lifetime; those nobody knows of are ended only with the tools of the provider',
    },
    {
      what: 'Access tokens that are JWTs: services check them by themselves and ask nobody',
      killedBy: 'rolling the signing key of the provider, for all clients at once',
      residual: 'accessTokens.seconds from the change, stated with every reset',
    },
    {
      what: 'ID tokens and sessions of people at the applications',
      killedBy: 'back-channel logout, where the application has it',
      residual: 'as long as the application lets them live',
    },
    {
      what: 'Keys the client signs with instead of a secret (private_key_jwt)',
      killedBy: 'a new jwks at the provider',
      residual: 'until replaced: this connector changes secrets only',
    },
    {
      what: 'The registration access token',
      killedBy: 'the provider, where it replaces it with each change: the new one is sealed with the secret',
      residual: 'for ever, where it does not',
    },
  ],
  pace: { perSecond: 10, concurrency: 4, setMs: 200, probeMs: 100 },
  async open(settings, io) {
    const provider = new Provider(settings, io);
    return {
      check: check(provider),
      inventory: inventory(settings),
      // No standard shows failed logins of clients, and no provider met so far counts them: what the estate file says of it holds.
      lockout: {
        read: async () => done({ threshold: settings.lockout, failures: settings.lockout === 0 ? 0 : undefined, resetsOnSuccess: false }),
      },
      dualSecret: dualSecret(provider),
      sessions: sessions(provider),
      probe: probe(provider),
      async [Symbol.asyncDispose]() {},
    };
  },
});
