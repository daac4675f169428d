// Users of a Mosquitto password file: hashes made here, one atomic write, a reload, and proof by real MQTT logins on every listener.
import { createHash } from 'node:crypto';
import { defineConnector, done, refused } from '../../kit/kit.ts';
import { readText } from '../../protocols/password-file/replace-file.ts';
import { check } from './check.ts';
import { config, listenersOf } from './config.ts';
import { inventory } from './inventory.ts';
import { linesOf } from './password-file.ts';
import { probe } from './probe.ts';
import { asWritten, setSecret } from './write.ts';

export const mosquitto = defineConnector({
  id: 'mosquitto',
  title: 'Mosquitto (MQTT)',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: { cannot: 'The broker has no rules for passwords.' },
    secretForm: { cannot: 'The secret is a password.' },
    setSecret: true,
    overlap: { cannot: 'A user has one password: of several lines the broker takes the last.' },
    dualSecret: { cannot: 'A user has one password. A second user with the same topics in the ACL file gives an overlap.' },
    state: true,
    lockout: true,
    sessions: {
      cannot: 'The broker lists no connections. Since version 2 its reload ends those whose password is no longer the one of the file.',
    },
    contain: { cannot: 'The password file cannot switch a user off: reset it, or remove its line.' },
    storeConsumer: { cannot: 'A message broker is not a place workloads read their secrets from.' },
    probe: true,
  },
  permissions: {
    check: ['read the password file', 'connect to the listeners'],
    inventory: ['read the password file'],
    setSecret: [
      'write in the folder of the password file, and give a file there its owner and group (the same user, or root)',
      'SIGHUP to the broker (the same user, or root), or the right to run the reload command',
    ],
    state: ['read the password file'],
    lockout: [],
    probe: ['none: each probe logs in as the account itself'],
  },
  derivatives: [
    {
      what: 'Open connections of the user',
      killedBy: 'the reload itself, since version 2: the broker checks each against the new file; before it a restart',
      residual: 'none on version 2; on version 1 until restarted',
    },
    {
      what: 'Open connections that were made with a client certificate or a pre-shared key',
      killedBy: 'the certificate or the psk_file: no password opened them',
      residual: 'until revoked there',
    },
    {
      what: 'Queued messages and subscriptions of clients with a persistent session',
      killedBy: 'a login of the same client name with a clean session, or persistent_client_expiration',
      residual: 'they wait for whoever logs in next under that client name',
    },
    {
      what: 'Bridges of other brokers (remote_username, remote_password in their configuration)',
      killedBy: 'as consumers: write the new password there and restart that broker',
      residual: 'messages are not passed on until then',
    },
    {
      what: 'A password file that a deployment or an image puts back',
      killedBy: 'the source of the file is a consumer of its own',
      residual: 'the next reload or start brings the old password back: state shows it',
    },
  ],
  pace: { perSecond: 50, concurrency: 1, setMs: 20, probeMs: 10 },
  async open(settings, io) {
    const file = io.path(settings.file);
    const listeners = listenersOf(settings, io);
    const unknown = (replica: string) => refused('unsupported', `there is no listener ${replica} in the estate file`);
    const isListener = (replica: string): boolean => listeners.some((listener) => listener.replica === replica);
    return {
      check: check(settings, file, listeners, io),
      inventory: inventory(settings, file),
      setSecret: setSecret({ settings, file, listener: listeners[0], io }),
      state: {
        async replicas() {
          return listeners.map(({ replica }) => replica);
        },
        async clock(replica) {
          return isListener(replica) ? done(io.now()) : unknown(replica);
        },
        async read(account, replica) {
          if (!isListener(replica)) return unknown(replica);
          const text = await readText(file);
          if (text.kind !== 'done') return text;
          const lines = linesOf(text.value).filter(({ user }) => user === asWritten(account.id));
          if (lines.length === 0) return refused('not-found', 'the user has no line in the password file');
          // 12 random bytes of salt are in it: nothing can be guessed from this digest.
          const marker = createHash('sha256')
            .update(lines.map(({ hash }) => hash).join('\n'))
            .digest('hex')
            .slice(0, 32);
          return done({ marker, values: lines.length, usable: true, now: io.now() });
        },
      },
      // The broker never locks and counts no failures.
      lockout: { read: async () => done({ threshold: 0, failures: 0, resetsOnSuccess: false }) },
      probe: probe(listeners, settings.clientPrefix, io),
      async [Symbol.asyncDispose]() {},
    };
  },
});
