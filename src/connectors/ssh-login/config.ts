// What the estate file says about a way to log in by SSH: the hosts, each with its pinned key, and how an account's name is typed there.
import { z } from 'zod';
import { userTemplate } from '../../kit/settings.ts';
import { hostSettings } from '../../protocols/ssh/settings.ts';

export const config = z.strictObject({
  hosts: z.array(hostSettings).min(1).describe('Every host these accounts log in to: each is proved.'),
  user: userTemplate,
  method: z
    .enum(['auto', 'password', 'key'])
    .default('auto')
    .describe('What the secret is. auto: a PEM private key is a key, everything else a password.'),
});
export type Config = z.output<typeof config>;
