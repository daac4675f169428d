// What the estate file says about one Kerberos realm, checked.
import { z } from 'zod';
import { portOr, userTemplate } from '../../kit/settings.ts';

export const config = z.strictObject({
  realm: z
    .string()
    .regex(/^[^@/\s]+$/, 'a realm such as EXAMPLE.TEST')
    .describe('As the KDC writes it: upper case, as a rule.'),
  kdcs: z
    .array(z.strictObject({ host: z.string().min(1), port: portOr(88) }))
    .min(1)
    .describe('Every KDC (every domain controller) people or services log in at: each is proved by itself. DNS is never asked for others.'),
  user: userTemplate,
});
export type Config = z.output<typeof config>;

/** `replica` is the name the KDC has in every cell: `host:port`. */
export type Kdc = { readonly host: string; readonly port: number; readonly replica: string };

export function kdcsOf(settings: Config): readonly Kdc[] {
  return settings.kdcs.map(({ host, port }) => ({ host, port, replica: `${host.includes(':') ? `[${host}]` : host}:${port}` }));
}

/** The components of a principal's name; undefined when it names another realm, or nobody. */
export function principalOf(user: string, realm: string): readonly string[] | undefined {
  const at = user.lastIndexOf('@');
  if (at >= 0 && user.slice(at + 1).toLowerCase() !== realm.toLowerCase()) return undefined;
  const parts = (at < 0 ? user : user.slice(0, at)).split('/');
  return parts.some((part) => part === '') ? undefined : parts;
}
