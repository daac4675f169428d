// Application credentials and EC2 keys of OpenStack Identity as slots: the next is made beside the one in use, consumers move, the one
// before is deleted.
import { defineConnector, done } from '../../kit/kit.ts';
import { identityOf } from '../../protocols/keystone/identity.ts';
import { applicationCredentials } from './application.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { ec2Keys } from './ec2.ts';
import { inventory } from './inventory.ts';
import { probe } from './probe.ts';
import { sessions } from './sessions.ts';
import { dualSecret } from './slots.ts';

export const keystoneCredentials = defineConnector({
  id: 'keystone-credentials',
  title: 'OpenStack application credentials and EC2 keys',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: { cannot: 'The values are made at random: no rule of the service applies to them.' },
    secretForm: { cannot: 'The values are made for the service, as pairs of id and secret.' },
    setSecret: { cannot: 'A credential cannot be given another value: a new one is made and the old one deleted.' },
    overlap: { cannot: 'A credential holds one value. Two credentials stand side by side: dualSecret.' },
    dualSecret: true,
    state: { cannot: 'The service dates no credential.' },
    lockout: true,
    sessions: true,
    contain: { cannot: 'Only a user can be switched off, and all its ways in with it: connector keystone.' },
    storeConsumer: { cannot: 'An identity service is not a place workloads read their secrets from.' },
    probe: true,
  },
  permissions: {
    inventory: [
      'identity:list_users, identity:list_projects',
      'identity:list_application_credentials (application)',
      'identity:list_credentials (ec2)',
    ],
    dualSecret: [
      'the password of each owner, who alone may make one; identity:delete_application_credential (application)',
      'identity:create_credential, identity:delete_credential (ec2)',
    ],
    probe: ['identity:get_user, identity:get_project', 'identity:ec2tokens_validate: the role admin or service (ec2)'],
  },
  derivatives: [
    {
      what: 'Tokens got with an EC2 key: deleting the key does not end them',
      killedBy: 'a reset of the password of its user (connector keystone), which ends every token of the user',
      residual: 'tokenSeconds from the deletion, stated with every reset',
    },
    {
      what: 'Tokens got with an application credential',
      killedBy: 'the deletion itself',
      residual: 'services that have just checked one honour it for token_cache_time (300 s as a rule)',
    },
    {
      what: 'Application credentials an unrestricted one has made, also under other names and in the same project only',
      killedBy: 'retiring them: they are slots of the same account and listed with it',
      residual: 'until deleted',
    },
    {
      what: 'EC2 keys in backups of the database: the service keeps their values, not hashes',
      killedBy: 'deletion ends the key; the backup still holds a dead value',
      residual: 'none for a deleted key',
    },
  ],
  pace: { perSecond: 5, concurrency: 2, setMs: 500, probeMs: 500 },
  async open(settings, io) {
    const identity = identityOf(settings, io, () => io.resolve(settings.password));
    const ec2 = settings.kind === 'ec2';
    const kind = ec2 ? ec2Keys(identity, io) : applicationCredentials(identity, settings, io);
    return {
      check: check(identity, kind, settings, io),
      inventory: inventory(identity, kind, settings),
      // The service counts wrong passwords, not wrong credentials: nothing is locked by probing them.
      lockout: { read: async () => done({ threshold: 0, failures: 0, resetsOnSuccess: false }) },
      dualSecret: dualSecret(kind),
      sessions: sessions(ec2 ? settings.tokenSeconds : 0, io),
      probe: probe(identity, kind, ec2 ? 'ec2' : 'application-credential', io),
      async [Symbol.asyncDispose]() {},
    };
  },
});
