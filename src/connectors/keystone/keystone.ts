// Users of OpenStack Identity (Keystone): the admin's reset, proof by real logins, and what survives a reset found and, if asked for,
// deleted.
import { defineConnector, type Secret } from '../../kit/kit.ts';
import { identityOf } from '../../protocols/keystone/identity.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { inventory } from './inventory.ts';
import { passwordPolicy } from './policy.ts';
import { probe } from './probe.ts';
import { sessions } from './sessions.ts';
import { lockout, state } from './state.ts';
import { contain, setSecret } from './write.ts';

export const keystone = defineConnector({
  id: 'keystone',
  title: 'OpenStack Identity (Keystone) users',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: true,
    secretForm: { cannot: 'The secret is a password.' },
    setSecret: true,
    overlap: { cannot: 'A user has one password.' },
    dualSecret: { cannot: 'A user has one password. Application credentials and EC2 keys are slots: connector keystone-credentials.' },
    state: true,
    lockout: true,
    sessions: true,
    contain: true,
    storeConsumer: { cannot: 'An identity service is not a place workloads read their secrets from.' },
    probe: true,
  },
  permissions: {
    inventory: [
      'identity:list_users',
      'identity:list_role_assignments',
      'identity:list_application_credentials',
      'identity:ec2_list_credentials',
    ],
    setSecret: ['identity:update_user (the admin role)'],
    state: ['identity:get_user'],
    sessions: ['identity:list_application_credentials', 'identity:delete_application_credential', 'identity:ec2_delete_credential'],
    contain: ['identity:update_user'],
    probe: ['identity:get_user, to tell a wrong password from a user that is switched off'],
  },
  derivatives: [
    {
      what: 'Tokens given out before the change',
      killedBy: 'the reset itself: the service revokes every token of the user',
      residual: 'services that have just checked one honour it for token_cache_time (300 s as a rule)',
    },
    {
      what: 'Application credentials: they go on opening the cloud after a reset',
      killedBy: 'sessions.end with revokeApplicationCredentials, or keystone-credentials',
      residual: 'until deleted, or until their own expiry',
    },
    {
      what: 'EC2 keys (OS-EC2): they go on signing after a reset, and admins can read their secrets',
      killedBy: 'sessions.end with revokeApplicationCredentials, or keystone-credentials',
      residual: 'for ever',
    },
    {
      what: 'Trusts and OAuth1 access tokens the user has given to others',
      killedBy: 'openstack trust delete, openstack access token delete, by the user or an admin',
      residual: 'until deleted, or until the expiry of the trust',
    },
    {
      what: 'Logins that need no password here: federation, external, x509, TOTP',
      killedBy: 'the identity provider; identity mappings of this service',
      residual: 'until changed there',
    },
  ],
  // bcrypt at the default cost takes the service 0.3 s of one core for each change and each login.
  pace: { perSecond: 5, concurrency: 2, setMs: 400, probeMs: 500 },
  async open(settings, io) {
    let own: Secret | undefined;
    const identity = identityOf(settings, io, async () => own ?? io.resolve(settings.password));
    return {
      check: check(identity, settings, io),
      inventory: inventory(identity, settings),
      passwordPolicy: passwordPolicy(identity, settings),
      // Once Rekey has reset its own user, its later logins need the new value, whatever the reference still holds.
      setSecret: setSecret(identity, (secret) => {
        own = secret;
      }),
      state: state(identity, settings),
      lockout: lockout(settings),
      sessions: sessions(identity, settings, io),
      contain: contain(identity),
      probe: probe(identity, settings, io),
      async [Symbol.asyncDispose]() {},
    };
  },
});
