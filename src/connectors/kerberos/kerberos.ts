// Kerberos as a way to log in: an AS exchange with the password at each KDC by itself, on Active Directory, MIT, Heimdal or FreeIPA.
import { defineConnector } from '../../kit/kit.ts';
import { pathSupports } from '../../kit/roles.ts';
import { config } from './config.ts';
import { probe } from './probe.ts';

export const kerberos = defineConnector({
  id: 'kerberos',
  title: 'Kerberos login (AS exchange)',
  role: 'path',
  config,
  supports: pathSupports,
  permissions: { probe: ['none: TCP to port 88 of every KDC'] },
  derivatives: [
    {
      what: 'Ticket-granting tickets issued before the change',
      killedBy: 'disabling the account (Active Directory: for 20 minutes or more), or rolling krbtgt, which ends all tickets',
      residual: 'ticket lifetime (10 hours as a rule), renewable for 7 days',
    },
    {
      what: 'Service tickets issued before the change',
      killedBy: 'rolling the key of the service',
      residual: 'ticket lifetime (10 hours as a rule)',
    },
    {
      what: 'Keytabs that hold a key made from the old password',
      killedBy: 'the change itself: the KDC refuses the old key; the keytab is to be made anew',
      residual: 'none at the KDC',
    },
  ],
  // Two TCP connections and one key derivation of 4096 rounds for each probe.
  pace: { perSecond: 100, concurrency: 8, setMs: 1, probeMs: 12 },
  async open(settings, io) {
    return { probe: probe(settings, io), async [Symbol.asyncDispose]() {} };
  },
});
