// What an etcd store's block of the estate file may say.
import { z } from 'zod';
import { secretRef } from '../../kit/settings.ts';
import { baseUrl, httpTls, insecure, plainUrls } from '../../protocols/http/settings.ts';

export const config = z
  .strictObject({
    endpoints: z.array(baseUrl).min(1).describe('Client addresses of the members. The next is asked when one cannot be reached.'),
    user: z
      .string()
      .min(1)
      .optional()
      .describe('Left out: etcd without authentication, where everybody who reaches it reads every secret.'),
    password: secretRef.optional(),
    prefix: z.string().default('').describe('Keys a ref may name start with this.'),
    tls: httpTls,
    insecure,
  })
  .check((context) => {
    const { endpoints, user, password, insecure: allowed } = context.value;
    context.issues.push(
      ...plainUrls(
        endpoints.map((url, n) => ({ path: ['endpoints', n], url })),
        allowed,
      ),
    );
    if ((user === undefined) !== (password === undefined))
      context.issues.push({
        code: 'custom',
        message: 'user and password go together',
        path: [user === undefined ? 'user' : 'password'],
        input: user,
      });
  });
export type Config = z.output<typeof config>;
