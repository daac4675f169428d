// SMB as a way to log in: an NTLMv2 logon at each domain controller or file server by itself, through Samba's smbclient.
import { defineConnector } from '../../kit/kit.ts';
import { pathSupports } from '../../kit/roles.ts';
import { config } from './config.ts';
import { probe } from './probe.ts';

export const smb = defineConnector({
  id: 'smb',
  title: 'SMB login (NTLMv2)',
  role: 'path',
  config,
  supports: pathSupports,
  permissions: {
    probe: ['the right of the accounts to log on over the network', 'smbclient (Samba 4.15 or later) on the machine Rekey runs on'],
  },
  derivatives: [
    {
      what: 'SMB sessions opened before the change',
      killedBy: 'Close-SmbSession on the server, net sessions /delete, or smbcontrol close-share',
      residual: 'until the client leaves or is idle for the time the server allows',
    },
    {
      what: 'Active Directory: the previous password stays valid for NTLM for a while',
      killedBy: 'a second reset, or pwdLastSet = 0; the probe of the old one on this path shows it',
      residual: 'OldPasswordAllowedPeriod of each domain controller: 5 minutes to an hour',
    },
    {
      what: 'The NT hash itself: it logs on without the password',
      killedBy: 'the change of the password',
      residual: 'none once the previous password is refused too',
    },
  ],
  // A process for each probe: about 50 ms of processor time.
  pace: { perSecond: 20, concurrency: 4, setMs: 1, probeMs: 80 },
  async open(settings, io) {
    return { probe: probe(settings, io), async [Symbol.asyncDispose]() {} };
  },
});
