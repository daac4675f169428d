// What the estate file says about one Dovecot whose password file lies on this machine, checked.
import { z } from 'zod';
import { scopeSettings } from '../../kit/scope.ts';
import { userTemplate } from '../../kit/settings.ts';
import { defaultRounds, mostRounds } from '../../protocols/crypt/sha512-crypt.ts';
import { imapFields, imapIssues } from '../../protocols/imap/settings.ts';

const imap = z
  .strictObject(imapFields)
  .describe('The IMAP servers that read this file: a change is done when the first one takes it, and each is proved.');

export const config = z
  .strictObject({
    file: z.string().min(1).describe('The file of the passdb with driver passwd-file, on this machine; relative to the estate file.'),
    imap,
    user: userTemplate,
    rounds: z
      .number()
      .int()
      .min(1_000)
      .max(mostRounds)
      .default(defaultRounds)
      .describe('Rounds of SHA512-CRYPT. Dovecot computes them at each login.'),
    doveadm: z
      .array(z.string().min(1))
      .min(1)
      .default(['doveadm'])
      .describe('How doveadm is called, to list and end sessions, such as [sudo, doveadm]. Arguments are added.'),
    ...scopeSettings('User'),
  })
  .check((context) => {
    context.issues.push(...imapIssues(context.value.imap, ['imap']));
  });
export type Config = z.output<typeof config>;
