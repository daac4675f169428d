// What the estate file says about the application credentials or the EC2 keys of one OpenStack Identity service, checked.
import { z } from 'zod';
import { secretRef } from '../../kit/settings.ts';
import { identityIssues, identityShape } from '../../protocols/keystone/settings.ts';

const owner = z.strictObject({
  user: z.string().min(1).describe('The user whose application credentials these are, by name.'),
  domain: z.string().min(1).default('Default').describe('The domain of that user, by name.'),
  password: secretRef,
});

export const config = z
  .strictObject({
    ...identityShape,
    kind: z.enum(['application', 'ec2']).describe('application: application credentials. ec2: OS-EC2 keys.'),
    owners: z
      .array(owner)
      .default([])
      .describe(
        'For application: the service lets nobody but the user itself make one, not even an admin. Left out: they can be found and deleted only.',
      ),
    roles: z
      .array(z.string().min(1))
      .default([])
      .describe('For application: the roles of new ones, by name. Left out: those of the ones that are there.'),
    lifetimeDays: z.number().int().min(1).optional().describe('For application: when new ones expire. Left out: never.'),
    tokenSeconds: z
      .number()
      .int()
      .min(60)
      .default(3600)
      .describe('For ec2: [token] expiration of keystone.conf; tokens got with a key outlive it.'),
  })
  .check((context) => {
    context.issues.push(...identityIssues(context.value));
  });
export type Config = z.output<typeof config>;
