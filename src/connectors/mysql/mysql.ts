// MySQL accounts: hashes made here, second passwords kept for an overlap and proved to be gone after it, proof by real logins on every server.
import { defineConnector } from '../../kit/kit.ts';
import { openServers } from '../../protocols/mysql/open-servers.ts';
import { probe } from '../../protocols/mysql/probe.ts';
import { sessions } from '../../protocols/mysql/sessions.ts';
import { serverSettings } from '../../protocols/mysql/settings.ts';
import { state } from '../../protocols/mysql/state.ts';
import { check } from './check.ts';
import { dialect } from './dialect.ts';
import { inventory } from './inventory.ts';
import { readState } from './record.ts';
import { lockout, passwordPolicy } from './rules.ts';
import { contain, overlap, setSecret } from './write.ts';

export const mysql = defineConnector({
  id: 'mysql',
  title: 'MySQL',
  role: 'system',
  config: serverSettings,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: true,
    secretForm: { cannot: 'The secret is a password.' },
    setSecret: true,
    overlap: true,
    dualSecret: { cannot: 'Two passwords at once are an overlap here: RETAIN CURRENT PASSWORD keeps the one before.' },
    state: true,
    lockout: true,
    sessions: true,
    contain: true,
    storeConsumer: { cannot: 'A database server is not a place workloads read their secrets from.' },
    probe: true,
  },
  permissions: {
    inventory: ['SELECT on mysql.user, mysql.db, mysql.global_grants and mysql.role_edges'],
    setSecret: ['CREATE USER', 'SELECT on mysql.user', 'SYSTEM_USER, for accounts that have it'],
    overlap: ['CREATE USER', 'SELECT on mysql.user', 'APPLICATION_PASSWORD_ADMIN, for the account Rekey itself uses'],
    state: ['SELECT on mysql.user'],
    lockout: ['SELECT on mysql.user'],
    sessions: ['PROCESS', 'CONNECTION_ADMIN', 'SYSTEM_USER, for accounts that have it'],
    contain: ['CREATE USER'],
    probe: ['SELECT on mysql.user', 'the accounts may come from this machine'],
  },
  derivatives: [
    {
      what: 'Open connections: they survive a change of the password and a lock of the account',
      killedBy: 'sessions.end (KILL) on every server',
      residual: 'until ended: the server never ends them by itself',
    },
    {
      what: 'A secondary password (RETAIN CURRENT PASSWORD): an ordinary change leaves it valid',
      killedBy: 'DISCARD OLD PASSWORD, sent with every reset; the record is read back',
      residual: 'for ever',
    },
    {
      what: 'The same user under another host: an account of its own with a password of its own',
      killedBy: 'a reset of each; facts.hosts names them',
      residual: 'for ever',
    },
    {
      what: 'ProxySQL and MySQL Router: their own tables of passwords, and server connections they share between clients',
      killedBy: 'as consumers: update and reload them; sessions.end ends their server connections',
      residual: 'until reloaded',
    },
    {
      what: 'Replication: each replica holds the password of its account (mysql.slave_master_info)',
      killedBy: 'as a consumer: CHANGE REPLICATION SOURCE TO … SOURCE_PASSWORD on each replica',
      residual: 'a replica that loses its connection stops following',
    },
    {
      what: 'FEDERATED tables, mysql.servers, .mylogin.cnf, client certificates (REQUIRE X509), second factors',
      killedBy: 'as consumers, or by the owner',
      residual: 'until rewritten or removed',
    },
    {
      what: 'A replica that has not applied the change honours the old password',
      killedBy: 'replication; `state` shows that it is behind',
      residual: 'the replication lag',
    },
  ],
  // Making one caching_sha2_password hash takes this process some 10 ms.
  pace: { perSecond: 60, concurrency: 8, setMs: 30, probeMs: 15 },
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
      probe: probe(servers, io),
      [Symbol.asyncDispose]: hands.end,
    };
  },
});
