// What a GitHub Actions store's block of the estate file may say.
import { z } from 'zod';
import { secretRef } from '../../kit/settings.ts';
import { baseUrl, httpTls, insecure, plainUrls } from '../../protocols/http/settings.ts';

export const config = z
  .strictObject({
    url: baseUrl.default('https://api.github.com').describe('Address of the API. GitHub Enterprise Server: https://HOST/api/v3.'),
    token: secretRef.describe('A fine-grained token or the token of an app installation, read again for each call.'),
    owners: z
      .array(z.string().min(1))
      .optional()
      .describe('The only users and organisations a ref may name. Left out: any the token may reach.'),
    tls: httpTls,
    insecure,
  })
  .check((context) => {
    const { url, insecure: allowed } = context.value;
    context.issues.push(...plainUrls([{ path: ['url'], url }], allowed));
  });
export type Config = z.output<typeof config>;
