// OpenLDAP with its password policy, 389 Directory Server, and directories that follow the RFCs: what the connector can do and what each part needs.
import { defineConnector, done, refused } from '../../kit/kit.ts';
import { Accounts } from './account.ts';
import { checks } from './check.ts';
import { Clocks } from './clock.ts';
import { config } from './config.ts';
import { AdminLock } from './contain.ts';
import { Directory } from './directory.ts';
import { Inventory } from './inventory.ts';
import { isUsable, lockoutFrom, Policies, passwordPolicyFrom } from './policy.ts';
import { attemptBind, pathsOf } from './probe.ts';
import { Sessions } from './sessions.ts';
import { PasswordWriter } from './set-password.ts';

export const ldap = defineConnector({
  id: 'ldap',
  title: 'LDAP (OpenLDAP and compatible)',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: true,
    secretForm: { cannot: 'the secret is a password' },
    setSecret: true,
    overlap: { cannot: 'a reset replaces every stored value: there is no time in which both are accepted' },
    dualSecret: {
      cannot: 'userPassword can hold several values, but a reset replaces them all; a second value is a finding here, not a slot',
    },
    state: true,
    lockout: true,
    sessions: true,
    contain: true,
    storeConsumer: { cannot: 'a directory holds accounts; workloads do not read their secrets from it' },
    probe: true,
  },
  permissions: {
    check: ['read on the root entry', 'write on userPassword of the accounts (tried with the No-Op control, nothing is changed)'],
    inventory: [
      'read on the accounts and their operational attributes',
      'limits: size and time unlimited for the account Rekey binds with',
    ],
    passwordPolicy: ['read on the pwdPolicy entries (389 Directory Server: the password attributes of cn=config)'],
    setSecret: [
      'write on userPassword (not manage, not rootdn: both bypass the policy)',
      'write on pwdReset and pwdAccountLockedTime (389 Directory Server: passwordExpirationTime)',
    ],
    state: [
      'read on entryUUID, entryCSN, pwdChangedTime, pwdAccountLockedTime',
      'read on userPassword to count stored values',
      'read on cn=Monitor for the clock',
    ],
    lockout: [
      'read on pwdFailureTime and pwdPolicySubentry (389 Directory Server: passwordRetryCount and its times)',
      'read on the pwdPolicy entries',
    ],
    sessions: [
      'read on cn=Connections,cn=Monitor of every server (389 Directory Server: on connection of cn=monitor)',
      'read on olcIdleTimeout of cn=config, optional',
    ],
    contain: ['write on pwdAccountLockedTime (389 Directory Server: nsAccountLock and the times of failed logins)'],
    probe: ['auth on userPassword for anonymous'],
  },
  derivatives: [
    {
      what: 'Connections that logged in before the change',
      killedBy: 'nothing these servers offer: restart the consumers, or the server; they are counted in cn=Monitor',
      residual: 'until the client closes; silent ones until olcIdleTimeout or nsslapd-idletimeout, where that is set',
    },
    {
      what: 'Replicas that lag behind',
      killedBy: 'replication: every replica listed is read and probed',
      residual: 'until they have caught up',
    },
    {
      what: 'Proxies that cache binds (pcache, slapd-ldap)',
      killedBy: 'their own cache expiry, or a restart',
      residual: 'the proxy’s cache time',
    },
    {
      what: 'Offline logons on hosts (sssd cache_credentials, nslcd, PAM)',
      killedBy: 'a login of the account on that host, or sss_cache -E there',
      residual: 'offline_credentials_expiration of the host; without it, for ever while the host is offline',
    },
    {
      what: 'Other secrets on the same entry (sshPublicKey, userCertificate, sambaNTPassword, krbPrincipalKey, authPassword)',
      killedBy: 'rolling each of them where it is issued: a change of userPassword touches none',
      residual: 'unlimited: the inventory names them per account',
    },
  ],
  pace: { perSecond: 1500, concurrency: 32, setMs: 5, probeMs: 2 },
  async open(settings, io) {
    const directory = new Directory(settings, io);
    const accounts = new Accounts(directory);
    const policies = new Policies(directory);
    const clocks = new Clocks(directory);
    const writer = new PasswordWriter(directory, accounts, policies);
    const lock = new AdminLock(directory, accounts, policies, writer.blocked);
    const sessions = new Sessions(directory, accounts);
    const inventory = new Inventory(directory);
    return {
      check: { run: () => checks({ directory, policies, clocks }) },
      inventory: { page: (query) => inventory.page(query) },
      passwordPolicy: {
        async read(account) {
          const entry = account === undefined ? undefined : await accounts.read(account, directory.primary);
          if (entry !== undefined && entry.kind !== 'done') return entry;
          const policy = await policies.of(entry?.value.policyDn);
          return policy.kind === 'done' ? done(passwordPolicyFrom(policy.value)) : policy;
        },
      },
      setSecret: { set: (account, secret) => writer.set(account, secret) },
      state: {
        replicas: async () => directory.servers.map(({ url }) => url),
        async read(account, replica) {
          const server = directory.server(replica);
          if (server === undefined) return refused('not-found', `${replica} is not a server of this system.`);
          const [entry, now] = await Promise.all([accounts.read(account, server), clocks.now(server)]);
          if (entry.kind !== 'done') return entry;
          const { policyDn, changedAt, marker, values } = entry.value;
          const policy = await policies.of(policyDn);
          const usable = isUsable(entry.value, policy.kind === 'done' ? policy.value : undefined, now ?? io.now());
          return done({
            marker,
            usable,
            ...(changedAt && { changedAt }),
            ...(now && { now }),
            ...(values === undefined ? {} : { values }),
          });
        },
      },
      lockout: {
        async read(account, where) {
          const server = directory.server(where.replica);
          if (server === undefined) return refused('not-found', `${where.replica} is not a server of this system.`);
          // Where failed logins never lock, how many there were does not matter: no read for each account.
          const seen = accounts.policySeen(account);
          const known = seen === undefined ? undefined : await policies.of(seen.dn);
          if (known?.kind === 'done' && (await policies.threshold(known.value)) === 0)
            return done({ threshold: 0, failures: 0, resetsOnSuccess: true });
          const reads = [accounts.read(account, server), accounts.read(account, directory.primary)] as const;
          const [entry, origin, now] = await Promise.all([...reads, clocks.now(server)]);
          if (entry.kind !== 'done') return entry;
          if (origin.kind !== 'done') return origin;
          const read = await policies.of(origin.value.policyDn);
          const policy = read.kind === 'done' ? read.value : undefined;
          return done(lockoutFrom([entry.value, origin.value], policy, await policies.threshold(policy), now ?? io.now()));
        },
      },
      sessions: {
        // monitorConnectionStartTime has whole seconds.
        grainMs: 1000,
        list: (account) => sessions.list(account),
        end: (account, before) => sessions.end(account, before),
      },
      contain: { block: (account) => lock.block(account), unblock: (account) => lock.unblock(account) },
      probe: {
        paths: async () => pathsOf(directory),
        attempt: (account, secret, where) => attemptBind(directory, accounts, account, secret, where),
      },
      async [Symbol.asyncDispose]() {
        inventory.close();
        directory.close();
      },
    };
  },
});
