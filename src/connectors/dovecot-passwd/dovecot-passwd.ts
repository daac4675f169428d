// Users of a Dovecot password file: hashes made here, one atomic write Dovecot cannot miss, sessions ended, and proof by real IMAP logins.
import { defineConnector, done, refused } from '../../kit/kit.ts';
import { userOf } from '../../kit/settings.ts';
import { probe } from '../../protocols/imap/probe.ts';
import { serversOf } from '../../protocols/imap/settings.ts';
import { bounded } from '../../protocols/password-file/bounded.ts';
import { inventory, kindOfName, linesOfUser, markerOf } from '../../protocols/password-file/users.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { contain } from './contain.ts';
import { closedBy, isSalted, schemeOf } from './entry.ts';
import { sessions } from './sessions.ts';
import { setSecret, type Target } from './write.ts';

export const dovecotPasswd = defineConnector({
  id: 'dovecot-passwd',
  title: 'Dovecot password file',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: { cannot: 'Dovecot has no rules for passwords.' },
    secretForm: { cannot: 'The secret is a password.' },
    setSecret: true,
    overlap: { cannot: 'A user has one password: of several entries Dovecot takes the first.' },
    dualSecret: { cannot: 'A user has one password. A second passdb with app passwords gives an overlap.' },
    state: true,
    lockout: true,
    sessions: true,
    contain: true,
    storeConsumer: { cannot: 'A mail server is not a place workloads read their secrets from.' },
    probe: true,
  },
  permissions: {
    check: ['read the password file', 'connect to the IMAP servers'],
    inventory: ['read the password file'],
    setSecret: ['write in the folder of the password file, and give a file there its owner and group (its owner, or root)'],
    state: ['read the password file'],
    lockout: [],
    sessions: ['doveadm who and doveadm kick: root, or sudo for these two'],
    contain: ['as for setSecret'],
    probe: ['none: each probe logs in as the account itself'],
  },
  derivatives: [
    {
      what: 'Open mailbox connections (IMAP IDLE, POP3, ManageSieve)',
      killedBy: 'sessions.end: doveadm kick',
      residual: 'as long as the client stays connected',
    },
    {
      what: 'Logins that Dovecot remembers (auth_cache_size) where another passdb stands beside the file',
      killedBy: 'doveadm auth cache flush, or their expiry',
      residual: 'auth_cache_ttl, one hour unless configured; entries of a password file itself are not kept',
    },
    {
      what: 'Other passdbs, master users and app passwords that open the same mailbox',
      killedBy: 'a reset at each; master users are accounts of their own',
      residual: 'as long as they are valid',
    },
    {
      what: 'Submission by Postfix or Exim with Dovecot SASL: a connection that is logged in',
      killedBy: 'the mail server: its own end of the connection, minutes',
      residual: 'until the connection ends; the next login asks the new file',
    },
    {
      what: 'Filter and forwarding rules (Sieve) somebody made while they were in',
      killedBy: 'reading and removing them: doveadm sieve list -u USER',
      residual: 'for ever; a reset does not touch them',
    },
  ],
  // A change waits for the next second of the clock. A wrong password costs the address it came from 2 s, the next one 4 s more, then 8 s.
  pace: { perSecond: 10, concurrency: 1, setMs: 600, probeMs: 4_000 },
  async open(settings, io) {
    const file = io.path(settings.file);
    const servers = serversOf(settings.imap, io);
    const target: Target = { settings, file, server: servers[0] as Target['server'], io }; // the config has at least one host
    const unknown = (replica: string) => refused('unsupported', `there is no server ${replica} in the estate file`);
    const isServer = (replica: string): boolean => servers.some(({ at }) => at.replica === replica);
    return {
      check: check(settings, file, servers, io),
      inventory: inventory(file, settings, io, ({ name, lines }) => {
        const [first] = lines;
        const closed = first === undefined ? undefined : closedBy(first);
        return {
          id: name,
          name,
          kind: kindOfName(name, 'service'),
          enabled: closed === undefined && first?.hash !== '',
          privileged: false,
          facts: { scheme: schemeOf(first?.hash ?? ''), lines: lines.length, ...(closed === undefined ? {} : { closedBy: closed }) },
        };
      }),
      setSecret: setSecret(target),
      state: {
        async replicas() {
          return servers.map(({ at }) => at.replica);
        },
        async clock(replica) {
          return isServer(replica) ? done(io.now()) : unknown(replica);
        },
        async read(account, replica) {
          if (!isServer(replica)) return unknown(replica);
          const lines = await bounded(io, () => linesOfUser(file, account.id));
          if (lines.kind !== 'done') return lines;
          const values = new Set(lines.value.map(({ hash }) => hash)).size;
          const usable = lines.value[0]?.hash !== '' && lines.value.every((line) => closedBy(line) === undefined);
          return done({ marker: markerOf(lines.value, isSalted, schemeOf), values, usable, now: io.now() });
        },
      },
      // It slows the address down and never locks an account.
      lockout: { read: async () => done({ threshold: 0, failures: 0, resetsOnSuccess: false }) },
      sessions: sessions(settings, io),
      contain: contain(target),
      probe: probe(servers, settings.imap, (account) => userOf(settings.user, account), io),
      async [Symbol.asyncDispose]() {},
    };
  },
});
