// WebAuthn on the wire, both ways. What a browser adds beyond the standard is dropped, not refused.
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';

/** The largest answer is an attestation with certificates: a few KiB. */
const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/, 'expected base64url');
const transports = z.array(z.string().max(40)).max(10);
const descriptor = z.object({ id: z.string(), type: z.string(), transports: z.array(z.string()).optional() });

export const requestOptionsSchema = z
  .object({
    challenge: z.string(),
    timeout: z.number().optional(),
    rpId: z.string().optional(),
    allowCredentials: z.array(descriptor).optional(),
    userVerification: z.string().optional(),
  })
  .meta({ id: 'PasskeyRequest' });

export const creationOptionsSchema = z
  .object({
    rp: z.object({ name: z.string(), id: z.string().optional() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    challenge: z.string(),
    pubKeyCredParams: z.array(z.object({ alg: z.number(), type: z.literal('public-key') })),
    timeout: z.number().optional(),
    excludeCredentials: z.array(descriptor).optional(),
    authenticatorSelection: z
      .object({ residentKey: z.string().optional(), requireResidentKey: z.boolean().optional(), userVerification: z.string().optional() })
      .optional(),
    attestation: z.string().optional(),
  })
  .meta({ id: 'PasskeyCreation' });

const credential = {
  id: base64url(1400),
  rawId: base64url(1400),
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).exactOptional(),
  clientExtensionResults: z.object({}).default({}),
};

export const assertionSchema = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: base64url(4000),
      authenticatorData: base64url(4000),
      signature: base64url(8000),
      userHandle: base64url(100).exactOptional(),
    }),
  })
  .meta({ id: 'PasskeyAssertion' }) satisfies z.ZodType<AuthenticationResponseJSON>;

export const attestationSchema = z
  .object({
    ...credential,
    response: z.object({ clientDataJSON: base64url(4000), attestationObject: base64url(100_000), transports: transports.exactOptional() }),
  })
  .meta({ id: 'PasskeyAttestation' }) satisfies z.ZodType<RegistrationResponseJSON>;
