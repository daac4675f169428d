// What connectors' blocks of the estate file have in common: where a secret lives, a CA file, and when a plain connection stays on this machine.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Problem } from '../domain/problem.ts';
import type { AccountRef } from './capability.ts';
import type { Io } from './connector.ts';

/** Where a connector finds its own credential. The estate file never holds the value. */
export const secretRef = z
  .union([
    z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ exec: z.array(z.string()).min(1) }),
    z.strictObject({ vault: z.string().min(1) }),
  ])
  .meta({
    id: 'SecretRef',
    description:
      'Where a secret lives: an environment variable, a file, a command that prints it, or a path in Vault. Never the secret itself.',
  });

export const portOr = (standard: number) => z.number().int().min(1).max(65_535).default(standard);

/** TLS to a server: verified against `ca` (or the system's CAs) unless the estate file says otherwise. */
export const tlsSettings = z
  .strictObject({
    mode: z.enum(['verify-full', 'disable']).default('verify-full'),
    ca: z.string().min(1).optional().describe('PEM file of the CA, relative to the estate file. Left out: the system CAs.'),
    servername: z.string().min(1).optional().describe('Name the certificate must show, where it is not the host.'),
  })
  .optional()
  .describe('Left out: verify-full, except on this machine (loopback, unix socket).');
export type TlsSettings = z.output<typeof tlsSettings>;

/** A host name, an address or the path of a unix socket that never leaves this machine. */
export function isLoopback(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

export type Tls = { readonly ca?: string; readonly servername?: string };

/** How a connection to `host` is protected; undefined = not by TLS. Throws a Problem when the CA file cannot be read. */
export function tlsFor(host: string, settings: TlsSettings, io: Io): Tls | undefined {
  if (settings?.mode === 'disable' || (settings === undefined && isLoopback(host)) || host.startsWith('/')) return undefined;
  return {
    ...(settings?.ca === undefined ? {} : { ca: readCa(settings.ca, io) }),
    ...(settings?.servername === undefined ? {} : { servername: settings.servername }),
  };
}

/** The PEM text of a CA file named in the estate file. Throws a Problem that names the place when it cannot be read. */
export function readCa(written: string, io: Io, place = 'config.tls.ca'): string {
  try {
    return readFileSync(io.path(written), 'utf8');
  } catch {
    throw new Problem('invalid-config', {
      message: `The CA file ${written} cannot be read.`,
      place,
      hint: 'Give a PEM file, relative to the estate file.',
    });
  }
}

/** The complaint about each host that would be spoken to in the clear across a network; `config.insecure` allows it. */
export function plainHosts(
  hosts: readonly { readonly path: readonly (string | number)[]; readonly host: string }[],
  settings: TlsSettings,
) {
  if (settings?.mode !== 'disable') return [];
  const message = 'tls.mode: disable would leave the connection to another machine unprotected: use verify-full, or say insecure: true';
  return hosts
    .filter(({ host }) => !isLoopback(host))
    .map(({ path, host }) => ({ code: 'custom' as const, message, path: [...path], input: host }));
}

/** How a path writes an account's name in its login form. */
export const userTemplate = z
  .string()
  .regex(/\{(login|name|locator)\}/, 'a name with {login}, {name} or {locator} in it')
  .default('{login}')
  .describe(
    'What is typed as user name: {login} is the bare login (the name where there is none), {name} the name, {locator} where it is, such as a DN.',
  );

export function userOf(template: string, account: AccountRef): string {
  const values = { login: account.login ?? account.name, name: account.name, locator: account.locator ?? account.name };
  return template.replace(/\{(login|name|locator)\}/g, (_, field: keyof typeof values) => values[field]);
}
