// What the estate file says about one SCIM 2.0 service, checked.
import { z } from 'zod';
import { secretRef } from '../../kit/settings.ts';
import { baseUrl, httpTls, insecure, plainUrls } from '../../protocols/http/settings.ts';

export const config = z
  .strictObject({
    url: baseUrl.describe('The base of the service, with its path: https://app.example.test/scim/v2'),
    tls: httpTls,
    insecure,
    token: secretRef.describe('The bearer token. It is as a rule good for every account of the organisation: rotate it first.'),
    filter: z.string().min(1).optional().describe('A SCIM filter that says which users are taken: userType eq "service".'),
    loginAttribute: z
      .enum(['userName', 'externalId', 'emails'])
      .default('userName')
      .describe('What people type when they log in to the application.'),
    admins: z.array(z.string().min(1)).default([]).describe('Roles and groups, by value or display name, whose members are privileged.'),
    lockout: z
      .strictObject({
        attempts: z.number().int().min(0).describe('Wrong passwords in a row until the application locks; 0 = it never does.'),
      })
      .optional()
      .describe('SCIM shows it to nobody. Left out: unknown, and at the login of the application old passwords are not tried.'),
    assumePassword: z
      .boolean()
      .default(false)
      .describe('The service sets passwords though its ServiceProviderConfig does not say so. A service that ignores them looks the same.'),
  })
  .check((context) => {
    context.issues.push(...plainUrls([{ path: ['url'], url: context.value.url }], context.value.insecure));
  });
export type Config = z.output<typeof config>;
