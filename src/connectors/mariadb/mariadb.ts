// MariaDB accounts: hashes made here, every host of a user an account of its own, overlap by two methods, proof by real logins on every server.
import { defineConnector } from '../../kit/kit.ts';
import { openServers } from '../../protocols/mysql/open-servers.ts';
import { probe } from '../../protocols/mysql/probe.ts';
import { sessions } from '../../protocols/mysql/sessions.ts';
import { serverSettings } from '../../protocols/mysql/settings.ts';
import { state } from '../../protocols/mysql/state.ts';
import { check } from './check.ts';
import { dialect } from './dialect.ts';
import { inventory } from './inventory.ts';
import { readState, refine } from './record.ts';
import { lockout, passwordPolicy } from './rules.ts';
import { contain, overlap, setSecret } from './write.ts';

export const mariadb = defineConnector({
  id: 'mariadb',
  title: 'MariaDB',
  role: 'system',
  config: serverSettings,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: true,
    secretForm: { cannot: 'The secret is a password.' },
    setSecret: true,
    overlap: true,
    dualSecret: { cannot: 'The server makes no passwords by itself; two at once are an overlap here.' },
    state: true,
    lockout: true,
    sessions: true,
    contain: true,
    storeConsumer: { cannot: 'A database server is not a place workloads read their secrets from.' },
    probe: true,
  },
  permissions: {
    check: ['PROCESS', 'REPLICA MONITOR, to see how far a replica is behind'],
    inventory: ['SELECT on mysql.global_priv, mysql.db and mysql.roles_mapping'],
    setSecret: ['CREATE USER', 'SELECT on mysql.global_priv'],
    overlap: ['CREATE USER', 'SELECT on mysql.global_priv'],
    state: ['SELECT on mysql.global_priv'],
    sessions: ['PROCESS', 'CONNECTION ADMIN (SUPER before 10.5)'],
    contain: ['CREATE USER'],
    probe: ['SELECT on mysql.global_priv', 'the accounts may come from this machine'],
  },
  derivatives: [
    {
      what: 'Open connections: they survive a change of the password and a lock of the account',
      killedBy: 'sessions.end (KILL) on every server',
      residual: 'until ended: the server never ends them by itself',
    },
    {
      what: 'The same user under another host: an account of its own with a password of its own',
      killedBy: 'a reset of each; facts.hosts names them',
      residual: 'for ever',
    },
    {
      what: 'MaxScale and ProxySQL: their own tables of passwords, and server connections they share between clients',
      killedBy: 'as consumers: update and reload them; sessions.end ends their server connections',
      residual: 'until reloaded',
    },
    {
      what: 'Other ways into the account (unix_socket, pam, gssapi), and client certificates (REQUIRE X509)',
      killedBy: 'ALTER USER by its owner; facts.methods names them, and a reset leaves them as they are',
      residual: 'until removed',
    },
    {
      what: 'Replication: each replica holds the password of its account (master.info, CHANGE MASTER TO)',
      killedBy: 'as a consumer: CHANGE MASTER TO … MASTER_PASSWORD on each replica',
      residual: 'a replica that loses its connection stops following',
    },
    {
      what: 'FEDERATED, SPIDER and CONNECT tables, mysql.servers and option files hold passwords in clear',
      killedBy: 'as consumers',
      residual: 'until rewritten: they fail with the new password in place',
    },
    {
      what: 'A replica that has not applied the change honours the old password',
      killedBy: 'replication; `state` shows that it is behind',
      residual: 'the replication lag',
    },
  ],
  pace: { perSecond: 400, concurrency: 8, setMs: 6, probeMs: 10 },
  async open(settings, io) {
    const hands = await openServers(settings, io, dialect);
    const { servers } = hands;
    const [primary] = servers;
    return {
      check: check(settings, servers, io),
      inventory: inventory(primary, settings),
      passwordPolicy: passwordPolicy(primary),
      setSecret: setSecret(hands),
      overlap: overlap(hands),
      state: state(servers, readState),
      lockout: lockout(servers),
      sessions: sessions(servers, io),
      contain: contain(hands),
      probe: probe(servers, io, refine),
      [Symbol.asyncDispose]: hands.end,
    };
  },
});
