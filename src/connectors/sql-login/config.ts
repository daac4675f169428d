// What the estate file says about databases as a way to log in to accounts that another system holds, checked.
import { z } from 'zod';
import type { Io } from '../../kit/kit.ts';
import { plainHosts, tlsSettings, userTemplate } from '../../kit/settings.ts';
import { type Endpoint, endpointOf } from '../../protocols/mysql/settings.ts';

const port = z.number().int().min(1).max(65_535).optional().describe('Left out: 5432 for postgresql, 3306 for mysql and mariadb.');

export const config = z
  .strictObject({
    engine: z.enum(['postgresql', 'mysql', 'mariadb']),
    hosts: z
      .array(
        z.strictObject({
          host: z.string().min(1).describe('A name, an address, or a unix socket: its folder for postgresql, its path otherwise.'),
          port,
        }),
      )
      .min(1)
      .describe('Every server people or programs log in to with these passwords: each is proved.'),
    database: z.string().min(1).optional().describe('postgresql: left out, postgres. mysql and mariadb: left out, none.'),
    user: userTemplate,
    external: z
      .boolean()
      .default(false)
      .describe(
        'postgresql: passwords are checked elsewhere (ldap, pam, radius). The server then says 28000 both for a wrong password and for a directory that does not answer: true takes it for a wrong password.',
      ),
    clear: z
      .boolean()
      .default(false)
      .describe(
        'mysql and mariadb: send the password itself where the server asks for it (PAM, LDAP). Only inside TLS or on this machine.',
      ),
    tls: tlsSettings,
    insecure: z.boolean().default(false).describe('Allow a connection without TLS to another machine.'),
  })
  .check((context) => {
    const { hosts, tls, insecure, clear, engine, external } = context.value;
    const plain = plainHosts(
      hosts.map(({ host }, n) => ({ path: ['hosts', n, 'host'], host })),
      tls,
    );
    if (!insecure) context.issues.push(...plain);
    if (clear && plain.length > 0)
      context.issues.push({
        code: 'custom',
        message: 'clear: true sends passwords as they are: it needs TLS',
        path: ['clear'],
        input: clear,
      });
    if (external && engine !== 'postgresql')
      context.issues.push({
        code: 'custom',
        message: 'external is for postgresql: the others have an error of their own',
        path: ['external'],
        input: external,
      });
    if (clear && engine === 'postgresql')
      context.issues.push({ code: 'custom', message: 'clear is for mysql and mariadb', path: ['clear'], input: clear });
  });
export type Config = z.output<typeof config>;

export function endpoints(settings: Config, io: Io): readonly Endpoint[] {
  const standard = settings.engine === 'postgresql' ? 5432 : 3306;
  return settings.hosts.map(({ host, port: given = standard }) => endpointOf({ host, port: given }, settings.tls, io));
}
