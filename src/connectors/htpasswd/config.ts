// What the estate file says about one htpasswd file, which lies on this machine, checked.
import { z } from 'zod';
import { scopeSettings } from '../../kit/scope.ts';
import { defaultRounds, mostRounds } from '../../protocols/crypt/sha512-crypt.ts';

const hash = z
  .discriminatedUnion('scheme', [
    z.strictObject({
      scheme: z.literal('sha512-crypt'),
      rounds: z.number().int().min(1_000).max(mostRounds).default(defaultRounds).describe('The web server computes them for each request.'),
    }),
    z.strictObject({
      scheme: z.literal('bcrypt'),
      cost: z.number().int().min(4).max(17).default(10).describe('Each step doubles the time the web server needs for each request.'),
      tool: z
        .array(z.string().min(1))
        .min(1)
        .default(['htpasswd'])
        .describe("How Apache's htpasswd is called: it makes the hash from its standard input and touches no file."),
    }),
  ])
  .prefault({ scheme: 'sha512-crypt' })
  .describe(
    'sha512-crypt ($6$): made by Rekey; Apache and nginx take it where they use the crypt of Linux. bcrypt ($2y$): made by htpasswd; for Traefik, Caddy and servers on other systems.',
  );

export const config = z.strictObject({
  file: z.string().min(1).describe('AuthUserFile of Apache, auth_basic_user_file of nginx, on this machine; relative to the estate file.'),
  hash,
  ...scopeSettings('User'),
});
export type Config = z.output<typeof config>;
