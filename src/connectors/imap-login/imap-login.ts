// IMAP as a way to log in to accounts that another system holds: one login on one server, on a connection of its own.
import { defineConnector } from '../../kit/kit.ts';
import { pathSupports } from '../../kit/roles.ts';
import { userOf } from '../../kit/settings.ts';
import { probe } from '../../protocols/imap/probe.ts';
import { serversOf } from '../../protocols/imap/settings.ts';
import { config } from './config.ts';

export const imapLogin = defineConnector({
  id: 'imap-login',
  title: 'IMAP login',
  role: 'path',
  config,
  supports: pathSupports,
  permissions: { probe: ['none: the account logs in by itself; no fail2ban against the machine Rekey runs on'] },
  derivatives: [
    {
      what: 'Mailbox connections that are open (IMAP IDLE, POP3), often for days',
      killedBy: 'doveadm kick, or what the mail server has for it',
      residual: 'as long as the client stays connected',
    },
    {
      what: 'Logins the mail server remembers (auth_cache of Dovecot, a caching proxy)',
      killedBy: 'doveadm auth cache flush, or their own expiry',
      residual: 'auth_cache_ttl, one hour unless configured; the probe of the old secret shows it',
    },
    {
      what: 'App passwords, OAuth tokens and the other protocols of the mailbox (POP3, submission, ManageSieve, webmail)',
      killedBy: 'the mail platform; each protocol may ask another source of passwords and is a path of its own',
      residual: 'as long as they are valid',
    },
    {
      what: 'Forwarding and filter rules somebody made while they were in',
      killedBy: 'reading and removing them by hand (doveadm sieve list -u)',
      residual: 'for ever; a reset does not touch them',
    },
  ],
  // Dovecot holds the answer to a wrong password back for 2 s and more, and turns on the address it came from.
  pace: { perSecond: 10, concurrency: 2, setMs: 1, probeMs: 1_500 },
  async open(settings, io) {
    return {
      probe: probe(serversOf(settings, io), settings, (account) => userOf(settings.user, account), io),
      async [Symbol.asyncDispose]() {},
    };
  },
});
