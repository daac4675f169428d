// Passwords of local Linux accounts over SSH: hashes made here, one line of chpasswd -e on standard input, proof by real logins, host keys pinned.
import { defineConnector } from '../../kit/kit.ts';
import { contain } from '../../protocols/ssh/expiry.ts';
import { Host } from '../../protocols/ssh/host.ts';
import { ownLogin } from '../../protocols/ssh/own-login.ts';
import { sessions } from '../../protocols/ssh/sessions.ts';
import { endpointOf } from '../../protocols/ssh/settings.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { inventory } from './inventory.ts';
import { probe } from './probe.ts';
import { lockout, passwordPolicy, rulesOnce } from './rules.ts';
import { setSecret } from './set.ts';
import { state } from './state.ts';

const sudo = (command: string): string => `sudo (root) NOPASSWD: ${command}`;

export const linuxSsh = defineConnector({
  id: 'linux-ssh',
  title: 'Linux accounts over SSH',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: true,
    secretForm: { cannot: 'The secret is a password; keys are the connector ssh-keys.' },
    setSecret: true,
    overlap: { cannot: 'An account holds one password. With keys (ssh-keys) old and new overlap.' },
    dualSecret: { cannot: 'An account holds one password. With keys (ssh-keys) old and new overlap.' },
    state: true,
    lockout: true,
    sessions: true,
    contain: true,
    storeConsumer: { cannot: 'A login host is not a place workloads read their secrets from; files on it are the connector file.' },
    probe: true,
  },
  permissions: {
    check: ['a login shell'],
    inventory: [sudo('/usr/bin/getent shadow')],
    passwordPolicy: ['/etc/login.defs, /etc/pam.d and /etc/security readable, as they are by default'],
    setSecret: [sudo('/usr/bin/getent shadow *'), sudo('/usr/sbin/chpasswd -e')],
    state: [sudo('/usr/bin/getent shadow *')],
    lockout: [sudo('/usr/sbin/faillock --user *'), 'only where pam_faillock is in use'],
    sessions: ['the processes of others are visible (no hidepid)', sudo('/usr/bin/kill -KILL *')],
    contain: [sudo('/usr/bin/chage -E *')],
    probe: ['sshd takes passwords of these accounts from this machine', 'for the path sudo: sudo (ALL) NOPASSWD: /usr/bin/sudo -k -S *'],
  },
  derivatives: [
    {
      what: 'SSH sessions, port forwardings and multiplexing sockets (ControlMaster)',
      killedBy: 'sessions.end: the serving process and all that hangs below it',
      residual: 'until ended: sshd never ends them by itself',
    },
    {
      what: 'Processes that left their session: tmux, screen, nohup, at, cron, systemd --user with linger',
      killedBy: 'loginctl terminate-user, loginctl disable-linger, a look at ps -u and crontab -l -u',
      residual: 'for ever; a reset does not touch them',
    },
    {
      what: 'Keys in authorized_keys, keys given by AuthorizedKeysCommand, certificates of a trusted CA',
      killedBy: 'the connector ssh-keys; for certificates a KRL (RevokedKeys)',
      residual: 'for ever, certificates until they expire',
    },
    {
      what: 'sudo timestamps (/run/sudo/ts)',
      killedBy: 'the end of the session; sudo -k',
      residual: '15 minutes by default, in sessions that still live',
    },
    {
      what: 'Kerberos caches and agent sockets on the host',
      killedBy: 'the reset of the account they belong to; kdestroy',
      residual: 'the ticket lifetime, the life of the session',
    },
    {
      what: 'The same password in .netrc, .pgpass, keyrings and on other hosts',
      killedBy: 'as consumers; each host is a system of its own',
      residual: 'until rewritten',
    },
  ],
  // A wrong password takes 2 to 3.5 s: PAM waits before it says no.
  pace: { perSecond: 20, concurrency: 4, setMs: 120, probeMs: 1_300 },
  async open(settings, io) {
    const endpoint = endpointOf(settings);
    const own = ownLogin(settings, io);
    const host = new Host(endpoint, settings.user, own.login, io);
    const rules = rulesOnce(host, settings.pamService);
    return {
      check: check(host, rules, io),
      inventory: inventory(host, settings, io),
      passwordPolicy: passwordPolicy(rules),
      setSecret: setSecret(host, settings, rules, (secret) => own.keep('password', secret)),
      state: state(host),
      lockout: lockout(host, rules),
      sessions: sessions(host),
      contain: contain(host),
      probe: probe(host, settings, rules, io),
      [Symbol.asyncDispose]: () => host.end(),
    };
  },
});
