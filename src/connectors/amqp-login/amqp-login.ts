// AMQP 0-9-1 with PLAIN as a way to log in to accounts that another system holds: one login on one broker, on a connection of its own.
import { defineConnector } from '../../kit/kit.ts';
import { pathSupports } from '../../kit/roles.ts';
import { tlsFor, userOf } from '../../kit/settings.ts';
import { login } from '../../protocols/amqp/login.ts';
import { endpointOf, limitsOf } from '../../protocols/tcp/dial.ts';
import { config, portOf } from './config.ts';

const loginPath = 'amqp';

export const amqpLogin = defineConnector({
  id: 'amqp-login',
  title: 'AMQP login',
  role: 'path',
  config,
  supports: pathSupports,
  permissions: { probe: ['none: a login is proved before any right on a virtual host is asked for'] },
  derivatives: [
    {
      what: 'Connections that are open on this path',
      killedBy: 'the broker: RabbitMQ by DELETE /api/connections/…',
      residual: 'until ended: the broker never ends them by itself',
    },
    {
      what: 'A cache of logins in the broker (rabbitmq_auth_backend_cache)',
      killedBy: 'its expiry, or rabbitmqctl clear_auth_backend_cache',
      residual: 'cache_ttl, 15 s unless configured',
    },
  ],
  pace: { perSecond: 50, concurrency: 8, setMs: 1, probeMs: 20 },
  async open(settings, io) {
    const brokers = [settings, ...settings.nodes].map((at) =>
      endpointOf({ host: at.host, port: portOf(at, settings.tls) }, tlsFor(at.host, settings.tls, io)),
    );
    return {
      probe: {
        async paths() {
          return brokers.map(({ replica }) => ({ path: loginPath, replica }));
        },
        async attempt(account, secret, where) {
          const broker = brokers.find(({ replica }) => replica === where.replica);
          if (broker === undefined || where.path !== loginPath) return { verdict: 'indeterminate', code: 'no-such-path' };
          return login(broker, userOf(settings.user, account), secret, settings.vhost, limitsOf(io));
        },
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});
