// What the estate file says about IMAP as a way to log in: the servers, how they are protected, and how an account's name is typed there.
import { z } from 'zod';
import { userTemplate } from '../../kit/settings.ts';
import { imapFields, imapIssues } from '../../protocols/imap/settings.ts';

export const config = z.strictObject({ ...imapFields, user: userTemplate }).check((context) => {
  context.issues.push(...imapIssues(context.value));
});
export type Config = z.output<typeof config>;
