// What the estate file says about one RADIUS service, checked. Without a way to confirm a refusal the path could prove nothing, so one is required.
import { z } from 'zod';
import { portOr, secretRef, userTemplate } from '../../kit/settings.ts';
import { maxText } from '../../protocols/radius/packet.ts';

const fits = (text: string): boolean => Buffer.byteLength(text) <= maxText;
const packed = z
  .string()
  .min(1)
  .refine(fits, { error: `at most ${maxText} bytes` });

const confirm = z
  .union([
    z.strictObject({
      replyMessage: packed.describe(
        'Text the server puts into Reply-Message when the password was wrong, and only then. The stronger way.',
      ),
    }),
    z.strictObject({
      user: packed.describe('A control account of the same backend, whose password does not change.'),
      password: secretRef,
    }),
  ])
  .describe(
    'What makes an Access-Reject a refusal of the password: servers also send one when they are overloaded or their directory is down.',
  );

export const config = z.strictObject({
  servers: z
    .array(z.strictObject({ host: z.string().min(1), port: portOr(1812) }))
    .min(1)
    .describe('Every RADIUS server logins go to: each is proved by itself.'),
  secret: secretRef.describe('The secret shared with these servers, for the address Rekey sends from.'),
  user: userTemplate,
  nasIdentifier: packed.default('rekey').describe('How Rekey names itself; servers may choose rules by it.'),
  parallel: z
    .number()
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe('Logins at one server at a time. More may exhaust the pool to its directory.'),
  confirm,
});
export type Config = z.output<typeof config>;

/** `replica` is the name the server has in every cell: `host:port`. */
export type Server = { readonly host: string; readonly port: number; readonly replica: string };

export function serversOf(settings: Config): readonly Server[] {
  return settings.servers.map(({ host, port }) => ({ host, port, replica: `${host.includes(':') ? `[${host}]` : host}:${port}` }));
}
