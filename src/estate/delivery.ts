// What the estate file says about delivery: how long a person may fetch a new credential, and which workload may fetch what with which proof of itself.
import { z } from 'zod';
import { duration, durationMs } from './duration.ts';

export type DeliveryRules = {
  /** From the reset on, a person may fetch it for this long. */
  readonly windowMs: number;
  /** After it was shown, the same browser may show it again for this long. */
  readonly reRevealMs: number;
  /** Attempts of one person or workload within an hour, refused ones included. */
  readonly perHour: number;
  /** Whom people ask, as the pages say it. */
  readonly help?: string;
};

export const signatureAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

/** Proof by a token of an OpenID issuer. `claims` are exact texts, or hold `*`, which stands for any characters but `/` and `:`. */
export type TokenProof = {
  readonly issuer: string;
  readonly jwks?: string;
  readonly audience: string;
  readonly algorithms: readonly (typeof signatureAlgorithms)[number][];
  readonly claims: Readonly<Record<string, string>>;
};
/** Proof by a client certificate. `ca` is an absolute path. */
export type CertificateProof = { readonly ca: string; readonly san?: string; readonly subject?: string };
export type WorkloadSpec = {
  readonly id: string;
  readonly token?: TokenProof;
  readonly certificate?: CertificateProof;
  /** system/account, exactly. */
  readonly may: readonly string[];
};

const line = (what: string) => z.string(what).trim().min(1, what).max(500, `${what} of at most 500 characters`);

const minute = 60_000;
/** Five minutes to thirty days: a shorter window closes before mail arrives, a longer one is no window. */
const window = duration('a time from 5m to 30d, such as 72h', 5 * minute, 30 * 24 * 60 * minute);
const reReveal = duration('a time from 1m to 60m, such as 10m', minute, 60 * minute);

export const deliveryShape = z
  .strictObject(
    {
      window: window.optional().meta({ description: 'How long after a reset a person may fetch the new credential.', default: '72h' }),
      reReveal: reReveal.optional().meta({ description: 'How long the same browser may show it again.', default: '10m' }),
      perHour: z
        .int('a whole number from 1 to 100000')
        .min(1, 'a whole number from 1 to 100000')
        .max(100_000, 'a whole number from 1 to 100000')
        .optional()
        .meta({ description: 'Attempts of one person or workload within an hour, at most.', default: 60 }),
      help: line('a text').optional().meta({ description: 'Whom people ask, as the pages say it: "Call 4444, or come to desk 3."' }),
    },
    'a block of delivery rules',
  )
  .optional()
  .meta({ description: 'How people and workloads fetch their new credentials.' });

const workload = z.strictObject({
  id: z
    .string('an id')
    .max(63, 'an id of at most 63 characters')
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'an id in lower case, digits and single hyphens')
    .meta({ description: 'Permanent name of the workload; consumers.csv refers to it.' }),
  issuer: line('the address of an OpenID issuer').optional().meta({ description: 'Who signs its tokens: the `iss` claim, exactly.' }),
  jwks: line('an address')
    .optional()
    .meta({ description: "Where the issuer's keys are. Left out: the issuer's own discovery document says." }),
  audience: line('an audience').optional().meta({ description: 'The `aud` its tokens must name.' }),
  algorithms: z
    .array(z.enum(signatureAlgorithms, signatureAlgorithms.join(', ')), 'a list of algorithms')
    .min(1, 'at least one algorithm')
    .optional()
    .meta({ description: 'Signature algorithms that count. Left out: RS256, ES256, EdDSA.' }),
  claims: z
    .record(z.string(), line('a text, in which * stands for any characters but / and :'), 'a block of claims')
    .optional()
    .meta({ description: 'Claims the token must have: exact, or with * for any characters but / and :.' }),
  certificate: z
    .strictObject(
      {
        ca: line('a path').meta({ description: 'PEM file with the authority that issues its certificates.' }),
        san: line('a name such as URI:spiffe://acme/batch or DNS:batch.example.test').optional(),
        subject: line('a subject such as CN=batch,O=acme').optional(),
      },
      'a block with the certificate',
    )
    .optional()
    .meta({ description: 'Proof by a TLS client certificate, instead of an issuer.' }),
  may: z
    .array(line('SYSTEM/ACCOUNT'), 'a list of SYSTEM/ACCOUNT')
    .min(1, 'at least one SYSTEM/ACCOUNT')
    .meta({ description: 'The accounts whose credential it may fetch.' }),
});
export const workloadsShape = z.array(workload, 'a list of workloads').optional().meta({
  description: 'Workloads that fetch credentials with their own identity.',
});

export function deliveryOf(block: z.infer<typeof deliveryShape>): DeliveryRules {
  return {
    windowMs: durationMs(block?.window ?? '72h'),
    reRevealMs: durationMs(block?.reReveal ?? '10m'),
    perHour: block?.perHour ?? 60,
    ...(block?.help === undefined ? {} : { help: block.help }),
  };
}

export function workloadsOf(blocks: z.infer<typeof workloadsShape>, here: (path: string) => string): readonly WorkloadSpec[] {
  return (blocks ?? []).map(({ id, issuer, jwks, audience, algorithms, claims, certificate, may }) => ({
    id,
    may,
    ...(issuer === undefined
      ? {}
      : {
          token: {
            issuer,
            audience: audience ?? '',
            algorithms: algorithms ?? ['RS256', 'ES256', 'EdDSA'],
            claims: claims ?? {},
            ...(jwks === undefined ? {} : { jwks }),
          },
        }),
    ...(certificate === undefined
      ? {}
      : {
          certificate: {
            ca: here(certificate.ca),
            ...(certificate.san === undefined ? {} : { san: certificate.san }),
            ...(certificate.subject === undefined ? {} : { subject: certificate.subject }),
          },
        }),
  }));
}
