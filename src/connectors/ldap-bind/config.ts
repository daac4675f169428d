// What the estate file says about the servers to bind at, checked. A password never crosses a network in the clear unless the file says so.
import { z } from 'zod';
import type { AccountRef, Io } from '../../kit/kit.ts';
import { isLoopback, readCa, userOf, userTemplate } from '../../kit/settings.ts';
import { escapeValue, parseDn } from '../../protocols/ldap/dn.ts';
import type { Endpoint } from '../../protocols/ldap/link.ts';

const address = z.string().refine(isAddress, { error: 'expected ldap://host[:port] or ldaps://host[:port], without path' });

export const config = z
  .strictObject({
    servers: z.array(address).min(1).describe('Every server people or services log in at: each is proved by itself.'),
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
    const { servers, startTls, insecure } = context.value;
    for (const [n, each] of servers.entries()) {
      const { protocol, hostname } = new URL(each);
      if (protocol === 'ldaps:' || startTls || insecure || isLoopback(hostname)) continue;
      const message = 'ldap:// would send passwords in the clear: use ldaps://, startTls: true, or say insecure: true';
      context.issues.push({ code: 'custom', message, path: ['servers', n], input: each });
    }
  });
export type Config = z.output<typeof config>;

function isAddress(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, pathname, search, username, password } = new URL(value);
  const bare = pathname.length <= 1 && `${search}${username}${password}` === '';
  return (protocol === 'ldap:' || protocol === 'ldaps:') && hostname !== '' && bare;
}

export function endpoints(settings: Config, io: Io): readonly Endpoint[] {
  const ca = settings.ca === undefined ? undefined : readCa(settings.ca, io, 'config.ca');
  return settings.servers.map((each) => {
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
  });
}

/** In a template that is a DN a name is escaped, so that none can climb out of its place (`x,ou=admins`). A locator is a DN already. */
export function bindName(template: string, account: AccountRef): string {
  const shape = template.replace(/\{(login|name)\}/g, 'x');
  const isDn = !template.includes('{locator}') && (parseDn(shape)?.length ?? 0) > 0;
  if (!isDn) return userOf(template, account);
  return userOf(template, { ...account, name: escapeValue(account.name), login: escapeValue(account.login ?? account.name) });
}
