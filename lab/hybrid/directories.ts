// The directories of the hybrid lab: Active Directory with its controllers, OpenLDAP, and a VPN that asks OpenLDAP.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFreeradius } from '../freeradius.ts';
import { startSamba } from '../samba.ts';
import { startSlapd } from '../slapd.ts';
import { type Part, part } from './part.ts';

export async function activeDirectory(dir: string, size: number, controllers: 1 | 2): Promise<Part> {
  const lab = await startSamba({
    dir: join(dir, 'samba'),
    controllers,
    people: size,
    services: Math.ceil(size / 5),
    lockable: 0,
    strict: 0,
  });
  const ca = join(dir, 'ad-ca.pem');
  writeFileSync(ca, lab.ca.includes('BEGIN CERTIFICATE') ? lab.ca : readFileSync(lab.ca));
  const names = [
    ...Array.from({ length: size }, (_, n) => lab.names.person(n)),
    ...Array.from({ length: Math.ceil(size / 5) }, (_, n) => lab.names.service(n)),
  ];
  return part('corp-ad', 'active-directory', {
    tier: 0,
    config: {
      controllers: lab.controllers.map((each) => each.url),
      bind: { user: lab.rekey.user, password: { env: 'LAB_AD' } },
      ca,
      filter: `(|${names.map((name) => `(sAMAccountName=${name})`).join('')})`,
    },
    env: { LAB_AD: lab.rekey.password },
    accounts: names.map((name) => ({ name, secret: lab.firstPassword(name) })),
    stop: () => lab.stop(),
  });
}

/** What the VPN's server says when it was the password that was wrong. */
const refusal = 'wrong password';

/** People of the directory log in to the VPN with the same password: RADIUS is one of their paths. */
export async function openLdap(dir: string, size: number): Promise<Part> {
  const slapd = await startSlapd({ dir: join(dir, 'slapd'), people: size, services: Math.ceil(size / 5), ppolicy: {}, sync: false });
  const radius = await startFreeradius({
    dir: join(dir, 'radius'),
    ldap: { url: slapd.url, bindDn: slapd.bindDn, bindPassword: slapd.bindPassword, base: slapd.base },
    mark: refusal,
  });
  const uids = [
    ...Array.from({ length: size }, (_, n) => slapd.people.uid(n)),
    ...Array.from({ length: Math.ceil(size / 5) }, (_, n) => slapd.services.uid(n)),
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
