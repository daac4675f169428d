// What the estate file says about the machines to log on to over SMB, checked.
import { z } from 'zod';
import { portOr, userTemplate } from '../../kit/settings.ts';

export const config = z.strictObject({
  servers: z
    .array(z.strictObject({ host: z.string().regex(/^[A-Za-z0-9._:-]+$/, 'a host name or an address'), port: portOr(445) }))
    .min(1)
    .describe('Every domain controller or file server to log on to: each is proved by itself.'),
  workgroup: z
    .string()
    .regex(/^[^\s\\/%]+$/, 'a NetBIOS name such as EXAMPLE')
    .optional()
    .describe('The NetBIOS name of the domain. Left out: the server decides; for a UPN as user it is not needed.'),
  user: userTemplate,
});
export type Config = z.output<typeof config>;

/** `replica` is the name the server has in every cell: `host:port`. */
export type Server = { readonly host: string; readonly port: number; readonly replica: string };

export function serversOf(settings: Config): readonly Server[] {
  return settings.servers.map(({ host, port }) => ({ host, port, replica: `${host.includes(':') ? `[${host}]` : host}:${port}` }));
}
