// A workload's own door: its token or client certificate is the only proof, and it gets what rekey.yaml says it may have.
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Api, Door } from './door.ts';
import { problemReplies } from './problem-reply.ts';

const credentialSchema = z
  .object({
    secret: z.string().nullable().describe('null: the version is the one you know.'),
    version: z.number().int(),
    setAt: z.string(),
  })
  .meta({ id: 'WorkloadCredential' });
const body = z.strictObject({
  system: z.string().min(1).max(200),
  account: z.string().min(1).max(2000),
  known: z.number().int().min(1).exactOptional().describe('The version you have: asking for it again costs nothing and opens nothing.'),
});

export function workloadRoutes(api: Api, { services }: Door): void {
  api.post(
    '/v1/workload/credential',
    {
      config: { needs: 'public', secret: true },
      schema: {
        operationId: 'fetchWorkloadCredential',
        summary: 'The current secret, to a workload that proves its own identity: an OpenID token as bearer, or a TLS client certificate',
        body,
        response: { 200: credentialSchema, ...problemReplies },
      },
    },
    async (request, reply) => {
      const token = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
      const certificate = token === undefined ? peerCertificate(request) : undefined;
      const proof = { ...(token === undefined ? {} : { token }), ...(certificate === undefined ? {} : { certificate }) };
      const credential = await services.workloadCredential(proof, request.body);
      reply.header('etag', `"${credential.version}"`);
      return credential;
    },
  );
}

/** Only one that TLS itself checked against a declared authority; behind a proxy that ends TLS there is none. */
function peerCertificate({ raw }: FastifyRequest): X509Certificate | undefined {
  const socket = raw.socket as Partial<TLSSocket>; // a plain socket, or none in process, has no such members
  return socket.authorized === true ? socket.getPeerX509Certificate?.() : undefined;
}
