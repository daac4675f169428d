// What every block of the estate file about OpenStack Identity v3 says: where it is and who Rekey is there.
import { z } from 'zod';
import { secretRef } from '../../kit/settings.ts';
import { baseUrl, httpTls, insecure, plainUrls } from '../http/settings.ts';

export const identityShape = {
  url: baseUrl.describe('The Identity endpoint, with its path, without /v3: https://keystone.example.test:5000'),
  tls: httpTls,
  insecure,
  user: z.string().min(1).describe('The user Rekey logs in as.'),
  domain: z.string().min(1).default('Default').describe('The domain of that user, by name.'),
  password: secretRef,
  project: z
    .string()
    .min(1)
    .optional()
    .describe('The project the Rekey user has its admin role in, by name. Left out: the role is assigned for the whole system.'),
  projectDomain: z.string().min(1).default('Default').describe('The domain of that project, by name.'),
};
const shape = z.strictObject(identityShape);
export type IdentitySettings = z.output<typeof shape>;

export function identityIssues(settings: IdentitySettings) {
  return plainUrls([{ path: ['url'], url: settings.url }], settings.insecure);
}
