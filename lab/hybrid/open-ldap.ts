// OpenLDAP in the hybrid lab, and a VPN that asks it: people log in there with the same password, so RADIUS is one of their paths.
import { join } from 'node:path';
import { startFreeradius } from '../freeradius.ts';
import { startSlapd } from '../slapd.ts';
import { type Part, part } from './part.ts';

/** What the VPN's server says when it was the password that was wrong. */
const refusal = 'wrong password';

export async function openLdap(dir: string, size: { readonly people: number; readonly services: number }): Promise<Part> {
  const slapd = await startSlapd({ dir: join(dir, 'slapd'), ...size, ppolicy: {}, sync: false });
  const radius = await startFreeradius({
    dir: join(dir, 'radius'),
    ldap: { url: slapd.url, bindDn: slapd.bindDn, bindPassword: slapd.bindPassword, base: slapd.base },
    mark: refusal,
  }).catch(async (error) => {
    await slapd.stop();
    throw error;
  });
  const uids = [
    ...Array.from({ length: size.people }, (_, n) => slapd.people.uid(n)),
    ...Array.from({ length: size.services }, (_, n) => slapd.services.uid(n)),
  ];
  return part('corp-ldap', 'ldap', {
    tier: 0,
    config: {
      url: slapd.ldapsUrl,
      ca: slapd.ca,
      base: slapd.base,
      bind: { dn: slapd.bindDn, password: { env: 'LAB_LDAP' } },
      filter: '(|(uid=p*)(uid=svc*))',
    },
    paths: [
      {
        id: 'vpn',
        probe: 'radius',
        config: { servers: [{ host: radius.host, port: radius.port }], secret: { env: 'LAB_RADIUS' }, confirm: { replyMessage: refusal } },
      },
    ],
    env: { LAB_LDAP: slapd.bindPassword, LAB_RADIUS: radius.shared },
    accounts: uids.map((uid) => ({ name: `uid=${uid}`, secret: slapd.initialPassword(uid) })),
    stop: async () => {
      await radius.stop();
      await slapd.stop();
    },
  });
}
