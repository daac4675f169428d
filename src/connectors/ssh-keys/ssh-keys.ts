// SSH user keys of a Linux host: the new key beside the old, then alone, in every file sshd reads; proof by real logins, host keys pinned.
import { defineConnector, done } from '../../kit/kit.ts';
import { contain } from '../../protocols/ssh/expiry.ts';
import { Host } from '../../protocols/ssh/host.ts';
import { freshEd25519 } from '../../protocols/ssh/key.ts';
import { ownLogin } from '../../protocols/ssh/own-login.ts';
import { sessions } from '../../protocols/ssh/sessions.ts';
import { endpointOf } from '../../protocols/ssh/settings.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { inventory } from './inventory.ts';
import { probe } from './probe.ts';
import { state } from './state.ts';
import { keyWrites } from './write.ts';

const shadow = 'sudo (root) NOPASSWD: /usr/bin/getent shadow, /usr/bin/getent shadow *';
const shells = 'sudo (ALL) NOPASSWD: /bin/sh -s';

export const sshKeys = defineConnector({
  id: 'ssh-keys',
  title: 'SSH user keys',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: { cannot: 'The secret is a key pair that Rekey makes.' },
    secretForm: true,
    setSecret: true,
    overlap: true,
    dualSecret: { cannot: 'Rekey makes the key pair itself, and both keys are accepted while the overlap is open.' },
    state: true,
    lockout: true,
    sessions: true,
    contain: true,
    storeConsumer: { cannot: 'A login host is not a place workloads read their secrets from; files on it are the connector file.' },
    probe: true,
  },
  permissions: {
    check: ['a login shell', shells],
    inventory: [shells, shadow],
    setSecret: [shells, shadow],
    overlap: [shells, shadow],
    state: [shells, shadow],
    sessions: ['the processes of others are visible (no hidepid)', 'sudo (root) NOPASSWD: /usr/bin/kill -KILL *'],
    contain: ['sudo (root) NOPASSWD: /usr/bin/chage -E *', shadow],
    probe: ['sshd takes key logins of these accounts from this machine', shells],
  },
  derivatives: [
    {
      what: 'SSH sessions, port forwardings and multiplexing sockets (ControlMaster)',
      killedBy: 'sessions.end: the serving process and all that hangs below it',
      residual: 'until ended: sshd never ends them by itself',
    },
    {
      what: 'Keys that AuthorizedKeysCommand gives (a directory, a cloud agent)',
      killedBy: 'where the command finds them; facts.keysCommand names it',
      residual: 'for ever; a probe of such a key shows it as accepted',
    },
    {
      what: 'Certificates of a CA that sshd trusts (TrustedUserCAKeys)',
      killedBy: 'a KRL (RevokedKeys), or the end of trust in the CA; facts.trustedCas names it',
      residual: 'until the certificate expires',
    },
    {
      what: 'The password of the account',
      killedBy: 'the connector linux-ssh',
      residual: 'for ever; keys and password open the same account',
    },
    {
      what: 'Processes that left their session: tmux, screen, nohup, at, cron',
      killedBy: 'loginctl terminate-user, a look at ps -u and crontab -l -u',
      residual: 'for ever; they may write the old key back',
    },
    {
      what: 'Configuration management that writes authorized_keys (Ansible, Puppet, cloud-init)',
      killedBy: 'as a consumer: the new public key goes there too',
      residual: 'its next run puts the old key back; state and probe show it',
    },
  ],
  pace: { perSecond: 20, concurrency: 4, setMs: 200, probeMs: 180 },
  async open(settings, io) {
    const endpoint = endpointOf(settings);
    const own = ownLogin(settings, io);
    const host = new Host(endpoint, settings.user, own.login, io);
    return {
      check: check(host, settings, io),
      inventory: inventory(host, settings, io),
      secretForm: {
        fresh: async (account) => done(freshEd25519(`rekey:${account.system}/${account.name}`)),
        nonsense: async () => freshEd25519('rekey-nonsense'),
      },
      ...keyWrites(host, settings, (secret) => own.keep('key', secret)),
      state: state(host, settings),
      // sshd counts refused keys per connection (MaxAuthTries) and not per account; PAM does not hear of them.
      lockout: { read: async () => done({ threshold: 0, failures: 0, resetsOnSuccess: true }) },
      sessions: sessions(host),
      contain: contain(host),
      probe: probe(host, settings, io),
      [Symbol.asyncDispose]: () => host.end(),
    };
  },
});
