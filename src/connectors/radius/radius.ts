// RADIUS as a way to log in: what VPN gateways, switches and wireless networks ask, at each server by itself.
import { defineConnector } from '../../kit/kit.ts';
import { pathSupports } from '../../kit/roles.ts';
import { config } from './config.ts';
import { probe } from './probe.ts';

export const radius = defineConnector({
  id: 'radius',
  title: 'RADIUS login (PAP)',
  role: 'path',
  config,
  supports: pathSupports,
  permissions: {
    probe: [
      'a client entry on every server for the address Rekey sends from, with its shared secret',
      'Message-Authenticator in every reply',
    ],
  },
  derivatives: [
    {
      what: 'VPN, 802.1X and console sessions opened before the change',
      killedBy: 'Disconnect-Request (RFC 5176) to the device, or its management',
      residual: 'Session-Timeout of the device: hours to days; without one until the session ends',
    },
    {
      what: 'EAP fast reconnect, TLS session resumption, PMK and OKC caches of wireless networks',
      killedBy: 'clearing the caches of server and controller',
      residual: 'cache lifetime, often 8 hours',
    },
    {
      what: 'Cookies of SSL VPN gateways that stand for a login',
      killedBy: 'disconnecting the user at the gateway',
      residual: 'cookie lifetime of the gateway',
    },
  ],
  pace: { perSecond: 50, concurrency: 1, setMs: 1, probeMs: 40 },
  async open(settings, io) {
    return { probe: probe(settings, io), async [Symbol.asyncDispose]() {} };
  },
});
