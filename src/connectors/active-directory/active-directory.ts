// Active Directory: what the connector can do against the writable controllers of one domain, and what each part needs.
import { defineConnector, done, refused } from '../../kit/kit.ts';
import { isUsable, readAccount } from './account.ts';
import { Names } from './bind.ts';
import { checks } from './check.ts';
import { config } from './config.ts';
import { AccountSwitch } from './contain.ts';
import { derivatives } from './derivatives.ts';
import { Domain } from './domain.ts';
import { Inventory } from './inventory.ts';
import { listedSecret, listedState } from './listed.ts';
import { Own } from './own.ts';
import { lockoutFrom, Policies, passwordPolicyFrom } from './policy.ts';
import { attemptOn, pathsOf } from './probe.ts';
import { PasswordWriter } from './set-password.ts';
import { TicketKey } from './ticket-key.ts';
import { Tickets } from './tickets.ts';

export const activeDirectory = defineConnector({
  id: 'active-directory',
  title: 'Active Directory (Windows and Samba domains)',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: true,
    secretForm: { cannot: 'the secret is a password' },
    setSecret: true,
    overlap: {
      cannot:
        'the hour in which the password before still opens LDAP and NTLM is a leak to close, not an overlap: Kerberos refuses it at once',
    },
    dualSecret: { cannot: 'an account has one password; use a second account, or a group managed service account' },
    state: true,
    lockout: true,
    sessions: true,
    contain: true,
    storeConsumer: { cannot: 'a domain holds accounts; workloads do not read their secrets from it' },
    probe: true,
  },
  generationsFor: (settings) =>
    settings.kerberos === undefined ? { cannot: 'kerberos: is not set, so no ticket from before could be presented' } : true,
  permissions: {
    check: ['read on the accounts and on the configuration partition'],
    inventory: ['read on the accounts, on CN=Sites and CN=Services of the configuration partition'],
    passwordPolicy: [
      'read on the head of the domain',
      'read on CN=Password Settings Container,CN=System and below (Windows gives it to administrators only)',
    ],
    setSecret: [
      'control access right Reset Password (00299570-246d-11d0-a768-00aa006e0529) on user objects',
      'write on lockoutTime, where unlock is true',
      'write on pwdLastSet, where previousPassword is must-change',
    ],
    state: ['read on replPropertyMetaData, pwdLastSet, msDS-KeyVersionNumber, userAccountControl'],
    lockout: ['read on badPwdCount, badPasswordTime, lockoutTime', 'read on the policies, as above'],
    sessions: ['read on lastLogon and userAccountControl'],
    contain: ['write on userAccountControl of user objects'],
    probe: ['none beyond the account itself'],
  },
  derivatives,
  pace: { perSecond: 60, concurrency: 4, setMs: 90, probeMs: 12 },
  async open(settings, io) {
    const domain = new Domain(settings, io);
    const policies = new Policies(domain);
    const own = new Own(domain);
    const names = new Names(domain);
    const writer = new PasswordWriter(domain, policies, own, names);
    const onOff = new AccountSwitch(domain, own);
    const tickets = new Tickets(domain);
    const inventory = new Inventory(domain, own);
    const notListed = (replica: string) => refused('not-found', `${replica} is not a controller of this system.`);
    return {
      check: { run: () => checks(domain, policies) },
      inventory: { page: (query) => inventory.page(query) },
      passwordPolicy: {
        async read(account) {
          const pdc = await domain.pdc();
          if (pdc.kind !== 'done') return pdc;
          const entry = account === undefined ? undefined : await readAccount(domain, account, pdc.value);
          if (entry !== undefined && entry.kind !== 'done') return entry;
          const policy = await policies.of(entry?.value.policyDn);
          return policy.kind === 'done' ? done(passwordPolicyFrom(policy.value)) : policy;
        },
      },
      setSecret: { set: (account, secret) => writer.set(account, secret) },
      state: {
        replicas: async () => (await domain.inOrder()).map(({ url }) => url),
        async read(account, replica) {
          const controller = domain.controller(replica);
          if (controller === undefined) return notListed(replica);
          const listed = listedSecret(account.id);
          if (listed !== undefined) return listedState(domain, listed, account.id, controller);
          const [entry, now] = await Promise.all([readAccount(domain, account, controller), domain.now(controller)]);
          if (entry.kind !== 'done') return entry;
          // pwdLastSet can be set without a change of the password; the originating write of the password cannot.
          const changedAt = entry.value.change?.at ?? entry.value.pwdLastSet;
          return done({ marker: entry.value.marker, usable: isUsable(entry.value), ...(changedAt && { changedAt }), ...(now && { now }) });
        },
        async clock(replica) {
          const controller = domain.controller(replica);
          const now = controller === undefined ? undefined : await domain.now(controller);
          return now === undefined ? refused('unreachable', `${replica} does not show its clock.`) : done(now);
        },
      },
      lockout: {
        async read(account, { replica }) {
          const controller = domain.controller(replica);
          if (controller === undefined) return notListed(replica);
          if (await policies.neverLocks(account.id)) return done({ threshold: 0, failures: 0, resetsOnSuccess: true });
          const pdc = await domain.pdc();
          if (pdc.kind !== 'done') return pdc;
          const here = await readAccount(domain, account, controller);
          if (here.kind !== 'done') return here;
          const there = controller === pdc.value ? here : await readAccount(domain, account, pdc.value);
          if (there.kind !== 'done') return there;
          const policy = await policies.of(there.value.policyDn);
          const now = (await domain.now(controller)) ?? io.now();
          return done(lockoutFrom([here.value, there.value], policy.kind === 'done' ? policy.value : undefined, now));
        },
      },
      sessions: {
        // lastLogon is dated to 100 nanoseconds.
        list: (account) => tickets.list(account),
        end: (account, before) => tickets.end(account, before),
      },
      contain: { block: (account) => onOff.block(account), unblock: (account) => onOff.unblock(account) },
      probe: { paths: () => pathsOf(domain), attempt: (account, secret, where) => attemptOn(domain, names, account, secret, where) },
      ...(settings.kerberos === undefined ? {} : { generations: new TicketKey(domain, own) }),
      async [Symbol.asyncDispose]() {
        inventory.close();
        domain.close();
      },
    };
  },
});
