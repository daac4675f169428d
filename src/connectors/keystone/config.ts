// What the estate file says about the users of one OpenStack Identity service, checked.
import { z } from 'zod';
import { identityIssues, identityShape } from '../../protocols/keystone/settings.ts';

export const config = z
  .strictObject({
    ...identityShape,
    userDomain: z
      .string()
      .min(1)
      .optional()
      .describe('Only users of this domain, by its id. Left out: all domains the Rekey user may list.'),
    privilegedRoles: z.array(z.string().min(1)).default(['admin', 'manager']).describe('Roles whose holders are privileged, by name.'),
    policy: z
      .strictObject({
        minLength: z.number().int().min(1).optional(),
        maxLength: z.number().int().min(8).optional(),
        classes: z.number().int().min(1).max(4).optional(),
        history: z.number().int().min(0).optional(),
        passwordExpiresDays: z.number().int().min(1).optional().describe('password_expires_days of keystone.conf: dates each change.'),
      })
      .default({})
      .describe('What keystone.conf asks of passwords, where the server does not say it: it shows password_regex only.'),
    lockout: z
      .strictObject({
        attempts: z.number().int().min(0).describe('lockout_failure_attempts of keystone.conf; 0 = it never locks.'),
        seconds: z.number().int().min(1).optional().describe('lockout_duration of keystone.conf.'),
      })
      .optional()
      .describe('The server shows these to nobody. Left out: unknown, and old passwords are probed with great care only.'),
    revokeApplicationCredentials: z
      .boolean()
      .default(false)
      .describe(
        'Delete every application credential and EC2 key of a user after its reset: both survive it, and the server dates neither.',
      ),
    tokenCacheSeconds: z
      .number()
      .int()
      .min(0)
      .default(300)
      .describe('token_cache_time of the services: so long they honour a token they have just checked, whatever became of it.'),
  })
  .check((context) => {
    context.issues.push(...identityIssues(context.value));
  });
export type Config = z.output<typeof config>;
