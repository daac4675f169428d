// What the estate file says about a server that takes client certificates.
import { z } from 'zod';
import { portOr } from '../../kit/settings.ts';
import { pageRules } from '../http/page-rule.ts';

export const serverAddress = { host: z.string().min(1), port: portOr(443) };

/** How its answers are read. */
export const serverAnswers = {
  ca: z.string().min(1).optional().describe("PEM file of the servers' CA, relative to the estate file. Left out: the system CAs."),
  servername: z.string().min(1).optional().describe('Name the certificate must show, where it is not the host.'),
  http: z
    .strictObject({
      path: z.string().regex(/^\//).default('/'),
      accepted: pageRules.default([200, 204]),
      rejected: pageRules
        .default([{ status: 400, text: 'The SSL certificate error' }])
        .describe('Left out: the page nginx shows for a certificate it does not trust.'),
      blocked: pageRules.default([403]),
    })
    .optional()
    .describe('For servers that finish the handshake and answer by a page (nginx, many gateways). Left out: TLS alone decides.'),
};
const answers = z.object(serverAnswers);
export type ServerAnswers = z.output<typeof answers>;
