// RabbitMQ users: hashes made here, tags and permissions kept, connections ended, proof by real AMQP logins and by the management API.
import { defineConnector, type Secret } from '../../kit/kit.ts';
import { Api } from './api.ts';
import { check } from './check.ts';
import { apiOf, config, listenersOf } from './config.ts';
import { inventory } from './inventory.ts';
import { probe } from './probe.ts';
import { sessions } from './sessions.ts';
import { state } from './state.ts';
import { contain, setSecret } from './write.ts';

export const rabbitmq = defineConnector({
  id: 'rabbitmq',
  title: 'RabbitMQ',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: { cannot: 'The API does not show the rules of credential_validator, and a hash passes them.' },
    secretForm: { cannot: 'The secret is a password.' },
    setSecret: true,
    overlap: { cannot: 'A user holds one password. A second user with the same permissions gives an overlap.' },
    dualSecret: { cannot: 'A user holds one password. A second user with the same permissions gives an overlap.' },
    state: true,
    lockout: true,
    sessions: true,
    contain: true,
    storeConsumer: { cannot: 'A message broker is not a place workloads read their secrets from.' },
    probe: true,
  },
  permissions: {
    check: ['the tag administrator'],
    inventory: ['the tag administrator'],
    setSecret: ['the tag administrator; no permission on any virtual host'],
    state: ['the tag administrator'],
    lockout: [],
    sessions: ['the tag administrator'],
    contain: ['the tag administrator'],
    probe: ['none: each probe logs in as the account itself'],
  },
  derivatives: [
    {
      what: 'Open connections: AMQP, MQTT, STOMP, streams',
      killedBy: 'sessions.end (DELETE /api/connections/…), in the whole cluster',
      residual: 'until ended: the broker never ends them by itself',
    },
    {
      what: 'Shovels and federation upstreams: their addresses hold a password in clear',
      killedBy: 'as consumers: PUT /api/parameters/shovel/… or …/federation-upstream/…; those of the config file by hand',
      residual: 'they fail once their connection ends; facts.links names them',
    },
    {
      what: 'A definitions file that is loaded at boot (load_definitions), imported by hand, or kept by an operator',
      killedBy: 'as a consumer: export the definitions again',
      residual: 'the next import brings the old password back: state shows it',
    },
    {
      what: 'Tokens of an OAuth 2 backend',
      killedBy: 'their issuer',
      residual: 'until they expire',
    },
    {
      what: 'Logins that need no password of this database (certificates, LDAP, HTTP backends) and rabbitmq_auth_backend_cache',
      killedBy: 'their own system; the cache by its expiry or rabbitmqctl clear_auth_backend_cache',
      residual: 'cache_ttl, 15 s unless configured',
    },
    {
      what: 'The Erlang cookie, which commands every node',
      killedBy: 'a new cookie on all nodes and a restart of all',
      residual: 'until then',
    },
  ],
  pace: { perSecond: 300, concurrency: 8, setMs: 8, probeMs: 20 },
  async open(settings, io) {
    const fresh: Secret[] = [];
    const secrets = async (): Promise<readonly Secret[]> => [...fresh.toReversed(), await io.resolve(settings.password)];
    const api = new Api(apiOf(settings, io), settings.user, io, secrets);
    const listeners = listenersOf(settings, io);
    const isOwn = (name: string): boolean => name === settings.user;
    const keepOwn = (secret: Secret): void => {
      if (!fresh.includes(secret)) fresh.push(secret);
    };
    return {
      check: check(settings, api, listeners, io),
      inventory: inventory(api, settings),
      setSecret: setSecret(api, io, { isOwn, keepOwn }),
      state: state(api, [...listeners, api.endpoint], secrets),
      // The broker never locks and counts no failures.
      lockout: { read: async () => ({ kind: 'done', value: { threshold: 0, failures: 0, resetsOnSuccess: false } }) },
      sessions: sessions(api, io),
      contain: contain(api, isOwn),
      probe: probe(api, listeners, settings.vhost, io),
      async [Symbol.asyncDispose]() {},
    };
  },
});
