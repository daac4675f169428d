// PostgreSQL roles: verifiers made here, one write addressed by oid, proof by real logins on the primary and every standby.
import { defineConnector, type Secret } from '../../kit/kit.ts';
import { check } from './check.ts';
import { config, endpoints } from './config.ts';
import { inventory } from './inventory.ts';
import { lockout, passwordPolicy } from './policy.ts';
import { probe } from './probe.ts';
import { Server } from './server.ts';
import { sessions } from './sessions.ts';
import { state } from './state.ts';
import { contain, setSecret } from './write.ts';

export const postgresql = defineConnector({
  id: 'postgresql',
  title: 'PostgreSQL',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: true,
    secretForm: { cannot: 'The secret is a password.' },
    setSecret: true,
    overlap: { cannot: 'A role holds one password.' },
    dualSecret: { cannot: 'A role holds one password. Two roles that take turns (app_a, app_b IN ROLE app_owner) give an overlap.' },
    state: true,
    lockout: true,
    sessions: true,
    contain: true,
    storeConsumer: { cannot: 'A database server is not a place workloads read their secrets from.' },
    probe: true,
  },
  permissions: {
    check: ['LOGIN', 'pg_read_all_settings (in pg_monitor)'],
    inventory: ['LOGIN', 'SELECT on rekey.role_state, for the kind of verifier and for blocked roles'],
    passwordPolicy: ['pg_read_all_settings (in pg_monitor)'],
    setSecret: ['CREATEROLE; from version 16 also ADMIN OPTION on each role; SUPERUSER for superusers and replication roles'],
    state: ['SELECT on rekey.role_state, for the marker and the time of the last change'],
    lockout: ['LOGIN'],
    sessions: ['pg_read_all_stats (in pg_monitor)', 'pg_signal_backend'],
    contain: ['CREATEROLE; from version 16 also ADMIN OPTION on each role'],
    probe: ['a pg_hba.conf line that lets the accounts log in from this machine'],
  },
  derivatives: [
    {
      what: 'Open connections, also those of poolers and of logical replication',
      killedBy: 'sessions.end (pg_terminate_backend) on every server',
      residual: 'until ended: the server never ends them by itself',
    },
    {
      what: 'PgBouncer: its auth_file, cached SCRAM keys and server connections',
      killedBy: 'update auth_file or auth_query, then RELOAD and RECONNECT on its console',
      residual: 'until RECONNECT',
    },
    {
      what: 'Prepared transactions (pg_prepared_xacts)',
      killedBy: 'ROLLBACK PREPARED or COMMIT PREPARED by their owner',
      residual: 'for ever; they keep their locks',
    },
    {
      what: 'Standbys: primary_conninfo holds a password in clear',
      killedBy: 'as a consumer: rewrite it and reload each standby',
      residual: 'a standby that loses its connection stops following',
    },
    {
      what: 'Subscriptions (pg_subscription.subconninfo), postgres_fdw user mappings and dblink connection texts hold passwords in clear',
      killedBy: 'as consumers: ALTER SUBSCRIPTION, ALTER USER MAPPING',
      residual: 'until rewritten: they fail with the new password in place',
    },
    {
      what: 'A standby that has not replayed the change honours the old password',
      killedBy: 'replay; `state` shows that it is behind',
      residual: 'the replay lag',
    },
    {
      what: 'Logins that need no password (trust, peer, cert, gss, ldap, radius in pg_hba.conf)',
      killedBy: 'pg_hba.conf; the nonsense probe shows a path that takes anything',
      residual: 'until the line is removed',
    },
  ],
  pace: { perSecond: 300, concurrency: 8, setMs: 8, probeMs: 15 },
  async open(settings, io) {
    const driver = await import('pg');
    const at = endpoints(settings, io);
    let own: Secret | undefined;
    const ownSecret = async (): Promise<Secret> => own ?? io.resolve(settings.password);
    const isOwn = (name: string): boolean => name === settings.user;
    const serverOf = (endpoint: (typeof at)[number]) => new Server(driver, settings, endpoint, io, ownSecret);
    const primary = serverOf(at[0]);
    const servers = [primary, ...at.slice(1).map(serverOf)] as const;
    return {
      check: check(settings, servers, io),
      inventory: inventory(primary, settings),
      passwordPolicy: passwordPolicy(primary),
      // Once Rekey has reset its own role, its later connections need the new value, whatever the reference still holds.
      setSecret: setSecret(primary, isOwn, (secret) => {
        own = secret;
      }),
      state: state(servers),
      lockout: lockout(primary),
      sessions: sessions(servers, io),
      contain: contain(primary, isOwn),
      probe: probe(driver, settings, at, io),
      async [Symbol.asyncDispose]() {
        await Promise.all(servers.map((server) => server.end()));
      },
    };
  },
});
