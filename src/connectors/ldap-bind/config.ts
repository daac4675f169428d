// What the estate file says about the servers to bind at, checked. A password never crosses a network in the clear unless the file says so.
import { z } from 'zod';
import type { AccountRef, Io } from '../../kit/kit.ts';
import { userOf, userTemplate } from '../../kit/settings.ts';
import { escapeValue, parseDn } from '../../protocols/ldap/dn.ts';
import { type Endpoint, endpointsAt, ldapAddress, plainAddresses } from '../../protocols/ldap/endpoint.ts';

export const config = z
  .strictObject({
    servers: z.array(ldapAddress).min(1).describe('Every server people or services log in at: each is proved by itself.'),
    user: userTemplate
      .unwrap()
      .default('{locator}')
      .describe(
        'The bind name: {locator} is the DN, "uid={login},ou=people,dc=example,dc=test" builds one, "{login}@example.test" is a UPN.',
      ),
    ca: z.string().min(1).optional().describe('PEM file of the CA, relative to the estate file. Left out: the system CAs.'),
    servername: z.string().min(1).optional().describe('Name the certificate must show, where it is not the host of the URL.'),
    startTls: z.boolean().default(false),
    insecure: z
      .boolean()
      .default(false)
      .describe('Allow ldap:// without TLS to another machine: passwords cross the network in the clear.'),
  })
  .check((context) => {
    const addresses = context.value.servers.map((url, n) => ({ path: ['servers', n], url }));
    context.issues.push(...plainAddresses(addresses, context.value));
  });
export type Config = z.output<typeof config>;

export const endpoints = (settings: Config, io: Io): readonly Endpoint[] => endpointsAt(settings.servers, settings, io);

/** In a template that is a DN a name is escaped, so that none can climb out of its place (`x,ou=admins`). A locator is a DN already. */
export function bindName(template: string, account: AccountRef): string {
  const shape = template.replace(/\{(login|name)\}/g, 'x');
  const isDn = !template.includes('{locator}') && (parseDn(shape)?.length ?? 0) > 0;
  if (!isDn) return userOf(template, account);
  return userOf(template, { ...account, name: escapeValue(account.name), login: escapeValue(account.login ?? account.name) });
}
