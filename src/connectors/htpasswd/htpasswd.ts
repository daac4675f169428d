// Users of an htpasswd file (HTTP Basic of Apache and nginx): the hash made here, one atomic write under a lock, and proof by the web server as a path.
import { defineConnector, done, type Io, type Outcome, refused } from '../../kit/kit.ts';
import { bounded } from '../../protocols/password-file/bounded.ts';
import { checkFile } from '../../protocols/password-file/check-file.ts';
import { asWritten, linesOf, withHash } from '../../protocols/password-file/lines.ts';
import { readText, replaceText } from '../../protocols/password-file/replace-file.ts';
import { inventory, kindOfName, linesOfUser, markerOf } from '../../protocols/password-file/users.ts';
import { limitsOf } from '../../protocols/tcp/dial.ts';
import { type Config, config } from './config.ts';
import { holds, isSalted, isWeak, made, policyOf, schemeOf } from './hash.ts';

export const htpasswd = defineConnector({
  id: 'htpasswd',
  title: 'htpasswd file',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: { cannot: 'The file has no rules for passwords.' },
    secretForm: { cannot: 'The secret is a password.' },
    setSecret: true,
    overlap: { cannot: 'A user has one password: of several lines the web server takes the first.' },
    dualSecret: { cannot: 'A user has one password. A second user with the same rights gives an overlap.' },
    state: true,
    lockout: true,
    sessions: { cannot: 'HTTP Basic has no sessions: each request is a login.' },
    contain: { cannot: 'The file cannot switch a user off: reset it, or remove its line.' },
    storeConsumer: { cannot: 'Hashes are no use to a workload. Files that hold its secret are the connector file.' },
    probe: { cannot: 'A file logs nobody in. Name the page behind it under paths: http-login with kind: basic.' },
  },
  permissions: {
    check: ['read the file'],
    inventory: ['read the file'],
    setSecret: ['write in the folder of the file, and give a file there its owner and group (its owner, or root)'],
    state: ['read the file'],
    lockout: [],
  },
  derivatives: [
    {
      what: 'Cookies and tokens an application behind HTTP Basic handed out',
      killedBy: 'the application: its own sign-out of all sessions',
      residual: 'their lifetime in the application',
    },
    {
      what: 'Logins the web server remembers: mod_authn_socache of Apache, proxy_cache or auth_request caches of nginx, proxies in front',
      killedBy: 'their expiry (AuthnCacheTimeout, 5 minutes unless configured) or a restart',
      residual: 'that long; the probe of the old secret shows it',
    },
    {
      what: 'Copies of the file: other servers, images, a configuration management that puts it back',
      killedBy: 'the source of the file is a consumer; each server is a path of its own',
      residual: 'until replaced there: state shows an entry that came back, the probe a server that has another file',
    },
    {
      what: 'Requests that are running, WebSockets and event streams opened before',
      killedBy: 'the web server: a reload with worker_shutdown_timeout, or a restart',
      residual: 'as long as the connection stays open',
    },
    {
      what: 'The old hash in backups of the file',
      killedBy: 'their expiry; worthless once the old secret is denied',
      residual: 'none at this server; wherever else the same password was used',
    },
  ],
  pace: { perSecond: 50, concurrency: 2, setMs: 30, probeMs: 50 },
  async open(settings, io) {
    const file = io.path(settings.file);
    return {
      check: {
        async *run() {
          yield* checkFile(file);
          const text = await readText(file);
          const weak = text.kind === 'done' ? linesOf(text.value).filter(({ hash }) => isWeak(hash)).length : 0;
          if (weak > 0)
            yield {
              id: 'policy',
              verdict: 'warn',
              message: `${weak} entries are in clear or in a form that is guessed quickly`,
              next: `Reset them: a reset writes ${settings.hash.scheme}.`,
            };
        },
      },
      inventory: inventory(file, settings, io, ({ name, lines }) => {
        const scheme = schemeOf(lines[0]?.hash ?? '');
        const facts = { scheme, lines: lines.length };
        return { id: name, name, kind: kindOfName(name, 'service'), enabled: scheme !== 'none', privileged: false, facts };
      }),
      setSecret: {
        set: async (account, secret) => {
          const allowed = policyOf(settings.hash, secret);
          return allowed.kind === 'done' ? bounded(io, () => write(file, account.id, secret, settings, io)) : allowed;
        },
      },
      state: {
        replicas: async () => [settings.file],
        clock: async () => done(io.now()),
        async read(account) {
          const lines = await bounded(io, () => linesOfUser(file, account.id));
          if (lines.kind !== 'done') return lines;
          const values = new Set(lines.value.map(({ hash }) => hash)).size;
          return done({
            marker: markerOf(lines.value, isSalted, schemeOf),
            values,
            usable: lines.value[0]?.hash !== '',
            now: io.now(),
          });
        },
      },
      // HTTP Basic counts no failures.
      lockout: { read: async () => done({ threshold: 0, failures: 0, resetsOnSuccess: false }) },
      async [Symbol.asyncDispose]() {},
    };
  },
});

async function write(file: string, name: string, secret: Parameters<typeof made>[1], settings: Config, io: Io): Promise<Outcome<void>> {
  const limits = limitsOf(io);
  const lines = await linesOfUser(file, name);
  if (lines.kind !== 'done') return lines;
  // The same secret again: its line stays, so that a repeated call moves nothing.
  const same = await Promise.all(lines.value.map(({ hash }) => holds(hash, secret)));
  if (same.every(Boolean)) return done(undefined);
  const hash = await made(settings.hash, secret, limits);
  if (hash.kind !== 'done') return hash;
  return replaceText(file, limits, (text) => {
    const edited = withHash(text, asWritten(name), hash.value);
    return edited === undefined ? refused('not-found', 'the user has no line in the password file') : done(edited);
  });
}
