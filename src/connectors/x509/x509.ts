// Client and service certificates of an own CA: a new key for every certificate, two side by side, the old one proved refused.
import { defineConnector, done, refused } from '../../kit/kit.ts';
import { Authority } from './authority.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { inventory } from './inventory.ts';
import { selfMadeIdentity } from './nonsense.ts';
import { namesOf } from './ocsp.ts';
import { probe } from './probe.ts';
import { dualSecret } from './slots.ts';

export const x509 = defineConnector({
  id: 'x509',
  title: 'X.509 certificates of an own CA',
  role: 'system',
  config,
  supports: {
    check: true,
    inventory: true,
    passwordPolicy: { cannot: 'The secret is a key with its certificate; what the CA demands of it is the profile of its command.' },
    secretForm: true,
    setSecret: { cannot: 'A certificate is never changed: a new one is issued and the old one revoked.' },
    overlap: { cannot: 'The CA makes the certificate: two live side by side as slots.' },
    dualSecret: true,
    state: { cannot: 'A certificate never changes: its serial numbers and the revocation list are the record.' },
    lockout: true,
    sessions: { cannot: 'Connections and resumable TLS sessions belong to each server: restart it, or renew its ticket keys.' },
    contain: { cannot: 'A revocation is final, and a hold is not honoured by all who check.' },
    storeConsumer: { cannot: 'A CA is not a place workloads read their keys from.' },
    probe: true,
  },
  permissions: {
    check: ['read access to the index, or the right to run the command of config.list'],
    inventory: ['read access to the index, or the right to run the command of config.list'],
    dualSecret: ['the right to run the commands of config.issue, config.revoke and config.publish, limited to one profile of the CA'],
    probe: ['the network: the servers, the revocation list, the OCSP responder'],
  },
  derivatives: [
    {
      what: 'Servers that do not check revocation (many do not unless told to)',
      killedBy: 'ssl_crl, OCSP checking, or an allow-list of serial numbers at each server',
      residual: 'the end of the old certificate (notAfter)',
    },
    {
      what: 'Servers that keep a revocation list or an OCSP answer',
      killedBy: 'a reload of each server (nginx reads its list only then)',
      residual: 'nextUpdate of the list or the answer they hold',
    },
    {
      what: 'TLS sessions kept for resumption and connections opened before',
      killedBy: 'new ticket keys and a restart of each server',
      residual: 'ssl_session_timeout; connections as long as they stay open',
    },
    {
      what: 'Certificates on the same key, pinned keys, and the certificate as it stands in metadata of partners (SAML, JWT)',
      killedBy: 'as consumers: each holds a copy of its own',
      residual: 'until each is changed by hand',
    },
  ],
  pace: { perSecond: 5, concurrency: 1, setMs: 300, probeMs: 300 },
  async open(settings, io) {
    const authority = new Authority(settings, io);
    return {
      check: check(authority),
      inventory: inventory(authority),
      secretForm: {
        fresh: async () => refused('unsupported', 'the CA makes the certificate'),
        nonsense: async () => Buffer.from(selfMadeIdentity(settings.issue.key, namesOf(authority.certificate).subject, io.now())),
      },
      dualSecret: dualSecret(authority),
      // Nobody counts certificates that failed: there is no name to lock before one is believed.
      lockout: { read: async () => done({ threshold: 0, failures: 0, resetsOnSuccess: false }) },
      probe: probe(authority),
      async [Symbol.asyncDispose]() {},
    };
  },
});
