// What the estate file says about one Linux host, checked. There is no host without a pinned key, and no way in without one secret.

import { z } from 'zod';
import { scopeSettings } from '../../kit/scope.ts';
import { defaultRounds, mostRounds } from '../../protocols/crypt/sha512-crypt.ts';
import { adminSettings, oneSecret } from '../../protocols/ssh/settings.ts';

export const config = z
  .strictObject({
    ...adminSettings,
    ...scopeSettings('Account', 'every account with a password or a shell'),
    rounds: z
      .number()
      .int()
      .min(1_000)
      .max(mostRounds)
      .default(defaultRounds)
      .describe('Rounds of the SHA-512 hash ($6$). Every login costs them once on the host.'),
    pamService: z
      .string()
      .regex(/^[A-Za-z0-9._-]+$/)
      .default('sshd')
      .describe('The PAM service of sshd, whose rules on passwords and lockout are read.'),
    paths: z
      .array(z.enum(['sudo', 'su']))
      .default([])
      .describe('Other ways to use a password on this host, proved too: su, and sudo where all accounts may use it.'),
  })
  .check((context) => {
    context.issues.push(...oneSecret(context.value));
    const { user, paths } = context.value;
    // From root, su and sudo ask for no password: every value would be accepted.
    if (user === 'root' && paths.length > 0)
      context.issues.push({
        code: 'custom',
        message: 'paths need a Rekey login other than root: root is never asked for a password',
        path: ['paths'],
        input: paths,
      });
  });
export type Config = z.output<typeof config>;
