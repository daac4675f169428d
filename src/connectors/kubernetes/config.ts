// What a Kubernetes store's block of the estate file may say.
import { z } from 'zod';
import { secretRef } from '../../kit/settings.ts';
import { baseUrl, httpTls, insecure, plainUrls } from '../../protocols/http/settings.ts';

export const config = z
  .strictObject({
    url: baseUrl.describe('Address of the API server.'),
    token: secretRef.describe(
      'Token of a service account. In a pod: the file /var/run/secrets/kubernetes.io/serviceaccount/token, read again for each call.',
    ),
    namespaces: z.array(z.string().min(1)).optional().describe('The only namespaces a ref may name. Left out: any the token may reach.'),
    writeOwned: z
      .boolean()
      .default(false)
      .describe(
        'Write Secrets that another controller keeps (ExternalSecret, SealedSecret, Certificate): it may write the old value back.',
      ),
    tls: httpTls,
    insecure,
  })
  .check((context) => {
    const { url, insecure: allowed } = context.value;
    context.issues.push(...plainUrls([{ path: ['url'], url }], allowed));
  });
export type Config = z.output<typeof config>;
