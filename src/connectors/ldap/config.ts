// What the estate file says about one directory, checked. A password never crosses a network in the clear unless the file says so.
import { z } from 'zod';
import type { Io } from '../../kit/kit.ts';
import { secretRef } from '../../kit/settings.ts';
import { parseDn } from '../../protocols/ldap/dn.ts';
import { type Endpoint, endpointsAt, ldapAddress, plainAddresses } from '../../protocols/ldap/endpoint.ts';
import { FilterError, parseFilter } from '../../protocols/ldap/filter-text.ts';

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
    url: ldapAddress.describe('The server that takes writes.'),
    replicas: z.array(ldapAddress).default([]).describe('Every other server people or services log in at: each is proved.'),
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
    const { url, replicas } = context.value;
    const addresses = [{ path: ['url'], url }, ...replicas.map((replica, n) => ({ path: ['replicas', n], url: replica }))];
    context.issues.push(...plainAddresses(addresses, context.value));
  });
export type Config = z.output<typeof config>;

/** The writable server first. */
export function endpoints(settings: Config, io: Io): readonly [Endpoint, ...Endpoint[]] {
  const [primary, ...replicas] = endpointsAt([settings.url, ...settings.replicas], settings, io);
  return [primary as Endpoint, ...replicas]; // the list begins with settings.url
}
