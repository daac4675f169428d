// What the estate file says about one directory, checked. A password never crosses a network in the clear unless the file says so.
import { z } from 'zod';
import type { Io } from '../../kit/kit.ts';
import { isLoopback, readCa, secretRef } from '../../kit/settings.ts';
import { parseDn } from '../../protocols/ldap/dn.ts';
import { FilterError, parseFilter } from '../../protocols/ldap/filter-text.ts';
import type { Endpoint } from '../../protocols/ldap/link.ts';

const address = z.string().refine(isAddress, { error: 'expected ldap://host[:port] or ldaps://host[:port], without path' });
const dn = z.string().refine((value) => (parseDn(value)?.length ?? 0) > 0, { error: 'expected a DN such as dc=example,dc=test' });
const filter = z.string().check((context) => {
  try {
    parseFilter(context.value);
  } catch (error) {
    const message = error instanceof FilterError ? error.message : 'not a filter';
    context.issues.push({ code: 'custom', message: `LDAP filter, ${message}`, input: context.value });
  }
});

export const config = z
  .strictObject({
    url: address.describe('The server that takes writes.'),
    replicas: z.array(address).default([]).describe('Every other server people or services log in at: each is proved.'),
    base: dn.describe('Where accounts are searched.'),
    bind: z.strictObject({ dn, password: secretRef }),
    ca: z.string().min(1).optional().describe('PEM file of the CA, relative to the estate file. Left out: the system CAs.'),
    servername: z.string().min(1).optional().describe('Name the certificate must show, where it is not the host of the URL.'),
    startTls: z.boolean().default(false),
    insecure: z
      .boolean()
      .default(false)
      .describe('Allow ldap:// without TLS to another machine: passwords cross the network in the clear.'),
    filter: filter.optional().describe('Which entries are accounts.'),
    peopleFilter: filter.optional().describe('Which accounts are people; others follow their object class.'),
    serviceFilter: filter.optional().describe('Which accounts are services.'),
    monitorBase: dn.default('cn=Monitor').describe('Where OpenLDAP shows its connections and its clock.'),
    policyDn: dn.optional().describe('The default password policy. Left out: found below base.'),
  })
  .check((context) => {
    const { url, replicas, startTls, insecure } = context.value;
    for (const [place, each] of [['url', url] as const, ...replicas.map((replica, n) => [`replicas.${n}`, replica] as const)]) {
      const { protocol, hostname } = new URL(each);
      if (protocol === 'ldaps:' || startTls || insecure || isLoopback(hostname)) continue;
      const message = 'ldap:// would send passwords in the clear: use ldaps://, startTls: true, or say insecure: true';
      context.issues.push({ code: 'custom', message, path: place.split('.'), input: each });
    }
  });
export type Config = z.output<typeof config>;

function isAddress(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, pathname, search, username, password } = new URL(value);
  return (
    (protocol === 'ldap:' || protocol === 'ldaps:') && hostname !== '' && pathname.length <= 1 && `${search}${username}${password}` === ''
  );
}

/** The writable server first. */
export function endpoints(settings: Config, io: Io): readonly [Endpoint, ...Endpoint[]] {
  const ca = settings.ca === undefined ? undefined : readCa(settings.ca, io, 'config.ca');
  const endpoint = (each: string): Endpoint => {
    const { protocol, hostname, port } = new URL(each);
    const secure = protocol === 'ldaps:';
    return {
      url: each.replace(/\/$/, ''),
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (secure ? 636 : 389) : Number(port),
      tls: secure ? 'ldaps' : settings.startTls ? 'starttls' : 'none',
      ...(ca === undefined ? {} : { ca }),
      ...(settings.servername === undefined ? {} : { servername: settings.servername }),
    };
  };
  return [endpoint(settings.url), ...settings.replicas.map(endpoint)];
}
