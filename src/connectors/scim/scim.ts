// Users of an application over SCIM 2.0 (RFC 7643, 7644): passwords set, users switched off and on. SCIM has no login, so proof is another
// path's work.
import { defineConnector } from '../../kit/kit.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { inventory } from './inventory.ts';
import { lockout } from './lockout.ts';
import { Service } from './service.ts';
import { contain, setSecret } from './write.ts';

export const scim = defineConnector({
  id: 'scim',
  title: 'SCIM 2.0',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: { cannot: 'SCIM has no way to read password rules.' },
    secretForm: { cannot: 'The secret is a password.' },
    setSecret: true,
    overlap: { cannot: 'A SCIM user has one password.' },
    dualSecret: { cannot: 'A SCIM user has one password.' },
    state: { cannot: 'meta.lastModified and meta.version change with anything, and not in every service with the password.' },
    lockout: true,
    sessions: { cannot: 'SCIM has no sessions. Many applications end them when a user is switched off: contain does that.' },
    contain: true,
    storeConsumer: { cannot: 'A directory of users is not a place workloads read their secrets from.' },
    probe: { cannot: 'SCIM has no login. Prove by the application’s own: http-login, oidc-token.' },
  },
  permissions: {
    inventory: ['read users'],
    setSecret: ['write users, with the attribute password'],
    lockout: ['none: config.lockout says it, SCIM shows no failed logins'],
    contain: ['write users, with the attribute active'],
  },
  derivatives: [
    {
      what: 'Sessions and tokens of the application',
      killedBy: 'many applications end them on active: false, some never: to be tested for each',
      residual: 'as long as the application lets them live',
    },
    {
      what: 'API keys and app passwords people made in the application',
      killedBy: 'the application itself; active: false where it honours that',
      residual: 'for ever, as a rule',
    },
    {
      what: 'Single sign-on: where people log in elsewhere the password of the application is a second way in',
      killedBy: 'resetting both',
      residual: 'until both are reset',
    },
    {
      what: 'A provisioning service that writes users from a directory sets its own password or active again',
      killedBy: 'pausing it, or resetting at its source',
      residual: 'until its next cycle (40 minutes as a rule)',
    },
    { what: 'The bearer token of the service', killedBy: 'the application: it is no account here', residual: 'for ever, as a rule' },
  ],
  pace: { perSecond: 10, concurrency: 4, setMs: 150, probeMs: 150 },
  async open(settings, io) {
    const service = new Service(settings, io);
    return {
      check: check(service, settings, io),
      inventory: inventory(service, settings),
      setSecret: setSecret(service, settings),
      lockout: lockout(settings),
      contain: contain(service),
      async [Symbol.asyncDispose]() {},
    };
  },
});
