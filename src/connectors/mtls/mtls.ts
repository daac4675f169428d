// A login by client certificate as an access path: the certificate is shown in a new handshake, and what the server then says is the verdict.
import { defineConnector } from '../../kit/kit.ts';
import { pathSupports } from '../../kit/roles.ts';
import { readCa } from '../../kit/settings.ts';
import { certificateLogin } from '../../protocols/tls/certificate-login.ts';
import { config } from './config.ts';

export const mtls = defineConnector({
  id: 'mtls',
  title: 'Client certificate (mutual TLS)',
  role: 'path',
  config,
  supports: pathSupports,
  permissions: { probe: ['none: the certificate logs in by itself'] },
  derivatives: [
    {
      what: 'TLS sessions kept for resumption: a client with one comes back without its certificate being looked at',
      killedBy:
        'new session ticket keys and an empty session cache at the server (nginx: a restart, where ssl_session_ticket_key is not set)',
      residual: 'ssl_session_timeout of the server',
    },
    {
      what: 'Connections opened before the revocation',
      killedBy: 'a restart of the server; a reload lets them finish',
      residual: 'as long as they stay open',
    },
  ],
  pace: { perSecond: 10, concurrency: 4, setMs: 200, probeMs: 200 },
  async open(settings, io) {
    const ca = settings.ca === undefined ? {} : { ca: readCa(settings.ca, io, 'config.ca') };
    const servers = [{ host: settings.host, port: settings.port }, ...settings.replicas].map((server) => ({
      at: { ...server, ...ca },
      where: { path: 'mtls', replica: `${server.host}:${server.port}` },
    }));
    return {
      probe: {
        paths: async () => servers.map(({ where }) => where),
        async attempt(_account, secret, asked) {
          const server = servers.find(({ where }) => where.replica === asked.replica && where.path === asked.path);
          if (server === undefined) return { verdict: 'indeterminate', code: 'no-such-path' };
          return certificateLogin(server.at, settings, secret, io);
        },
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});
