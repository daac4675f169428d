// What the estate file says about one certificate authority: how it issues, lists and revokes, and where its word can be checked.
import { z } from 'zod';
import { serverAddress, serverAnswers } from '../../protocols/tls/server-settings.ts';
import { keyKinds } from './request.ts';

/** An argument is passed as it is: there is no shell. */
const command = (names: readonly string[]) =>
  z
    .array(z.string())
    .min(1)
    .check((context) => {
      for (const [n, argument] of context.value.entries())
        for (const [found, name = ''] of argument.matchAll(/\{([a-z]+)\}/g))
          if (!names.includes(name) || n === 0) {
            const message =
              n === 0
                ? 'the program itself cannot be a placeholder'
                : `${found} means nothing here; known are ${names.map((each) => `{${each}}`).join(' ') || 'none'}`;
            context.issues.push({ code: 'custom', message, path: [n], input: argument });
          }
    })
    .describe('Program and arguments, run without a shell in the folder of the estate file.');

const address = z
  .string()
  .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), { error: 'expected http:// or https://' });
const altName = z
  .string()
  .regex(/^(dns|email|uri):.+$/, 'dns:…, email:… or uri:…')
  .describe('{name} is the common name.');

export const config = z
  .strictObject({
    ca: z.string().min(1).describe('PEM file of the CA that issues, relative to the estate file.'),
    chain: z.string().min(1).optional().describe('PEM file of intermediate CAs that clients send along with their certificate.'),
    list: z
      .strictObject({
        index: z.string().min(1).optional().describe('The index.txt of `openssl ca`.'),
        command: command([]).optional().describe('Prints one JSON object per line: serial, name, revoked, expiresAt, label, createdAt.'),
      })
      .refine((value) => (value.index === undefined) !== (value.command === undefined), { error: 'one of index, command' }),
    issue: z.strictObject({
      command: command(['name', 'label']).describe('Gets a certificate request (PEM) on stdin and prints the certificate (PEM).'),
      key: z.enum(keyKinds).default('ec-p256'),
      subject: z
        .strictObject({
          C: z.string().length(2).optional(),
          ST: z.string().optional(),
          L: z.string().optional(),
          O: z.string().optional(),
          OU: z.string().optional(),
        })
        .default({})
        .describe('The rest of the name in the request; the common name is the account.'),
      altNames: z.array(altName).default([]),
    }),
    revoke: z.strictObject({ command: command(['serial']) }),
    publish: z
      .strictObject({ command: command([]) })
      .optional()
      .describe('Makes the revocation list anew and brings it to those who check it.'),
    crl: z
      .strictObject({ url: address.optional(), file: z.string().min(1).optional() })
      .refine((value) => (value.url === undefined) !== (value.file === undefined), { error: 'one of url, file' })
      .optional()
      .describe('Where the published revocation list is fetched. A retirement is done when it is in there.'),
    ocsp: z.strictObject({ url: address }).optional().describe('The OCSP responder.'),
    servers: z
      .array(z.strictObject({ ...serverAddress, ...serverAnswers }))
      .default([])
      .describe('Servers that take these certificates: each is proved by a handshake.'),
    kind: z
      .enum(['human', 'service', 'application', 'agent', 'vendor', 'shared', 'unknown'])
      .default('service')
      .describe('What the names stand for.'),
  })
  .refine((value) => value.crl !== undefined || value.ocsp !== undefined || value.servers.length > 0, {
    error: 'nothing could show that a revoked certificate is refused: add crl, ocsp or servers',
    path: ['crl'],
  });
export type Config = z.output<typeof config>;

/** A name that a command would take for an option, or that ends a line, never becomes an argument. */
export const isArgument = (value: string): boolean => /^[^\s\p{Cc}-][^\p{Cc}]*$/u.test(value);

export const filled = (argv: readonly string[], values: Readonly<Record<string, string>>): readonly string[] =>
  argv.map((argument) => argument.replace(/\{([a-z]+)\}/g, (found, name: string) => values[name] ?? found));
