// What a reset of a domain account does not kill, what does, and how long it lives otherwise.
import type { Derivative } from '../../kit/kit.ts';

export const derivatives: readonly Derivative[] = [
  {
    what: 'The password before the last, over LDAP simple bind and NTLM',
    killedBy: 'the double reset (a throw-away value, then the new one), or pwdLastSet=0 for people; proved by a bind on every controller',
    residual: 'none by default; with previousPassword: leave up to 60 minutes on Samba, 5 on Windows (OldPasswordAllowedPeriod)',
  },
  {
    what: 'Kerberos tickets taken before the change',
    killedBy:
      'in contain mode the disable window: a disabled account renews none; else krbtgt for the whole domain; Protected Users shorten them to 4 h',
    residual:
      'until the last ticket ends: disabled, one ticket life (10 h) after the disabling; else 7 days after the last logon before the change, to the minute',
  },
  {
    what: 'Service tickets for an account with service principal names',
    killedBy: 'the double reset of that account, and a restart of the service that accepts them',
    residual: 'until they end (10 h)',
  },
  {
    what: 'Open sessions: LDAP, SMB, RDP, WinRM, SQL',
    killedBy:
      'logoff, Close-SmbSession, restart of the service: a bound LDAP connection goes on reading after a reset and after a disabling',
    residual: 'until the client or the server closes',
  },
  {
    what: 'Cached logons on endpoints',
    killedBy: 'a logon with the new password while the endpoint sees a controller; CachedLogonsCount',
    residual: 'unlimited while the endpoint is offline',
  },
  {
    what: 'Certificates (smart card, Schannel, PKINIT) and altSecurityIdentities',
    killedBy: 'revoking them and publishing the CRL; clearing altSecurityIdentities; by PKINIT they also yield the new NT hash',
    residual: 'until they expire: the inventory names them per account',
  },
  {
    what: 'Key credentials (msDS-KeyCredentialLink: Windows Hello, or an intruder’s)',
    killedBy: 'clearing the attribute and enrolling again',
    residual: 'unlimited: the inventory names them per account',
  },
  {
    what: 'Controllers that lag, and read-only controllers that keep secrets',
    killedBy: 'replication: every controller listed is read and probed',
    residual: 'until they have replicated (between sites up to 180 minutes by default)',
  },
  {
    what: 'The copy in Entra ID',
    killedBy: 'password hash synchronisation, every two minutes; revoke the cloud sessions there',
    residual: 'cloud sessions live on by their own rules; pwdLastSet=0 alone leaves the old password valid there',
  },
  {
    what: 'Backups and snapshots of controllers, DPAPI blobs',
    killedBy: 'nothing: rotate the secrets inside the blobs, and reset again after a restore',
    residual: 'unlimited',
  },
];
