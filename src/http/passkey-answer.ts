// What a page asks a passkey, and the browser's answer, as the routes of approvals take them.
import { z } from 'zod';

/** `message` is the exact text that is approved; `options` is what navigator.credentials.get takes. */
export const passkeyRequestSchema = z
  .object({
    id: z.string(),
    hash: z.string(),
    message: z.string(),
    approver: z.string(),
    options: z.object({
      challenge: z.string(),
      rpId: z.string(),
      timeout: z.number().int(),
      userVerification: z.literal('required'),
      allowCredentials: z.array(z.object({ id: z.string(), type: z.literal('public-key') })),
    }),
  })
  .meta({ id: 'ApprovalPasskeyRequest' });
const bytes = z
  .string()
  .min(1)
  .max(4000)
  .regex(/^[A-Za-z0-9_-]+$/, 'base64url');
export const passkeyBody = z.strictObject({
  response: z
    .strictObject({
      id: bytes,
      rawId: bytes,
      type: z.literal('public-key'),
      authenticatorAttachment: z.enum(['platform', 'cross-platform']).exactOptional(),
      clientExtensionResults: z.looseObject({}),
      response: z.strictObject({
        clientDataJSON: bytes,
        authenticatorData: bytes,
        signature: bytes,
        userHandle: z.string().max(200).exactOptional(),
      }),
    })
    .describe("The browser's answer to the options, as navigator.credentials.get gives it in JSON."),
});
