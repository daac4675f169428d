// A simple bind as a way to log in: on any LDAP server, with a DN, a UPN or another login form, at each server by itself.
import { defineConnector } from '../../kit/kit.ts';
import { pathSupports } from '../../kit/roles.ts';
import { config, endpoints } from './config.ts';
import { probe } from './probe.ts';

export const ldapBind = defineConnector({
  id: 'ldap-bind',
  title: 'LDAP login (simple bind)',
  role: 'path',
  config,
  supports: pathSupports,
  permissions: { probe: ['auth on the password of the accounts for anonymous, which every directory that takes logins grants'] },
  derivatives: [
    {
      what: 'Connections that were bound before the change',
      killedBy: 'restarting the consumers or the server: a bound connection is not asked again',
      residual: 'until the client closes, or the idle timeout of the server',
    },
    {
      what: 'Active Directory: the previous password stays valid for simple binds for a while',
      killedBy: 'a second reset, or pwdLastSet = 0; the probe of the old one on this path shows it',
      residual: 'OldPasswordAllowedPeriod of each domain controller: 5 minutes to an hour',
    },
  ],
  pace: { perSecond: 150, concurrency: 8, setMs: 1, probeMs: 8 },
  async open(settings, io) {
    return { probe: probe(settings, endpoints(settings, io), io), async [Symbol.asyncDispose]() {} };
  },
});
