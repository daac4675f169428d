// What a GitLab CI/CD store's block of the estate file may say.
import { z } from 'zod';
import { secretRef } from '../../kit/settings.ts';
import { baseUrl, httpTls, insecure, plainUrls } from '../../protocols/http/settings.ts';

export const config = z
  .strictObject({
    url: baseUrl.default('https://gitlab.com').describe('Address of GitLab, without /api/v4.'),
    token: secretRef.describe('A project, group or personal access token with the scope api, read again for each call.'),
    within: z
      .array(z.string().min(1))
      .optional()
      .describe('The only groups and projects a ref may name, with all below them. Left out: any.'),
    tls: httpTls,
    insecure,
  })
  .check((context) => {
    const { url, insecure: allowed } = context.value;
    context.issues.push(...plainUrls([{ path: ['url'], url }], allowed));
  });
export type Config = z.output<typeof config>;
