// What a Vault KV store's block of the estate file may say.
import { z } from 'zod';
import { secretRef } from '../../kit/settings.ts';
import { baseUrl, httpTls, insecure, plainUrls } from '../../protocols/http/settings.ts';

export const config = z
  .strictObject({
    url: baseUrl.describe('Address of Vault or OpenBao, without /v1. Behind several servers: the one that leads to the active node.'),
    token: secretRef.describe('A token with a policy for the paths consumers read, or the file an agent keeps one in.'),
    namespace: z.string().min(1).optional().describe('Vault namespace of all paths, as in X-Vault-Namespace.'),
    write: z
      .enum(['patch', 'put'])
      .default('patch')
      .describe('patch changes one key at the server and needs the capability patch; put sends the whole map, with check-and-set.'),
    tls: httpTls,
    insecure,
  })
  .check((context) => {
    const { url, insecure: allowed } = context.value;
    context.issues.push(...plainUrls([{ path: ['url'], url }], allowed));
  });
export type Config = z.output<typeof config>;
