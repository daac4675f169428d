// What the estate file says about the user keys of one Linux host, checked. There is no host without a pinned key.

import { z } from 'zod';
import { scopeSettings } from '../../kit/scope.ts';
import { adminSettings, oneSecret } from '../../protocols/ssh/settings.ts';

const printable = /^[^\p{Cc}]*$/u;

export const config = z
  .strictObject({
    ...adminSettings,
    ...scopeSettings('Account', 'every account with a key'),
    sshdConfig: z
      .string()
      .regex(/^\/[^\p{Cc}]*$/u)
      .optional()
      .describe('The configuration file of sshd, where it is not the one it was built with.'),
    files: z
      .array(z.string().min(1).regex(printable))
      .min(1)
      .default(['.ssh/authorized_keys', '.ssh/authorized_keys2'])
      .describe('Where keys are, when sshd -T does not say: as AuthorizedKeysFile, with %h, %u and %U.'),
    options: z
      .string()
      .regex(printable)
      .optional()
      .describe("Options in front of every new key (restrict,from=…). Left out: those of the account's keys, when they agree."),
  })
  .check((context) => void context.issues.push(...oneSecret(context.value)));
export type Config = z.output<typeof config>;
