// What the estate file says about one PostgreSQL server and its standbys, checked. Without TLS nothing leaves this machine unless the file says so.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Problem } from '../../domain/problem.ts';
import type { Io } from '../../kit/kit.ts';

const secretRef = z.union([
  z.strictObject({ env: z.string().min(1) }),
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ exec: z.array(z.string()).min(1) }),
  z.strictObject({ vault: z.string().min(1) }),
]);
const port = z.number().int().min(1).max(65_535).default(5432);
const server = z.strictObject({ host: z.string().min(1), port });
const glob = z.string().min(1);

export const config = z
  .strictObject({
    host: z.string().min(1).describe('The primary: a name, an address, or the folder of its unix socket.'),
    port,
    database: z
      .string()
      .min(1)
      .default('postgres')
      .describe('Any database Rekey and the accounts may connect to; roles belong to the whole server.'),
    user: z.string().min(1),
    password: secretRef,
    tls: z
      .strictObject({
        mode: z.enum(['verify-full', 'disable']).default('verify-full'),
        ca: z.string().min(1).optional().describe('PEM file of the CA, relative to the estate file. Left out: the system CAs.'),
        servername: z.string().min(1).optional().describe('Name the certificate must show, where it is not the host.'),
      })
      .optional()
      .describe('Left out: verify-full, except on this machine (loopback, unix socket).'),
    insecure: z
      .boolean()
      .default(false)
      .describe('Allow a connection without TLS to another machine: only the SCRAM exchange protects the passwords.'),
    replicas: z.array(server).default([]).describe('Every standby that takes logins: each is proved.'),
    include: z.array(glob).default([]).describe('Role names to take, as globs (* and ?). Left out: all.'),
    exclude: z.array(glob).default([]).describe('Role names to leave out, as globs.'),
    connections: z.number().int().min(1).max(64).default(8).describe('Most connections Rekey holds for its own statements.'),
  })
  .check((context) => {
    const { host, replicas, tls, insecure } = context.value;
    if (insecure || tls?.mode !== 'disable') return;
    for (const [path, each] of [
      [['host'], host] as const,
      ...replicas.map((replica, n) => [['replicas', n, 'host'], replica.host] as const),
    ]) {
      if (isLocal(each)) continue;
      const message = 'tls.mode: disable would leave the connection to another machine unprotected: use verify-full, or say insecure: true';
      context.issues.push({ code: 'custom', message, path: [...path], input: each });
    }
  });
export type Config = z.output<typeof config>;

function isLocal(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** `replica` is the name the server has in every cell: `host:port`. */
export type Endpoint = { readonly host: string; readonly port: number; readonly replica: string; readonly tls: Tls | undefined };
type Tls = { readonly ca?: string; readonly servername?: string };

/** The primary first. */
export function endpoints(settings: Config, io: Io): readonly [Endpoint, ...Endpoint[]] {
  const { tls } = settings;
  const ca = tls?.ca === undefined ? undefined : readCa(io.path(tls.ca), tls.ca);
  const endpoint = (at: { host: string; port: number }): Endpoint => {
    const off = at.host.startsWith('/') || tls?.mode === 'disable' || (tls === undefined && isLocal(at.host));
    const verified = { ...(ca === undefined ? {} : { ca }), ...(tls?.servername === undefined ? {} : { servername: tls.servername }) };
    return {
      host: at.host,
      port: at.port,
      replica: `${at.host.includes(':') ? `[${at.host}]` : at.host}:${at.port}`,
      tls: off ? undefined : verified,
    };
  };
  return [endpoint(settings), ...settings.replicas.map(endpoint)];
}

function readCa(path: string, written: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Problem('invalid-config', {
      message: `The CA file ${written} cannot be read.`,
      place: 'config.tls.ca',
      hint: 'Give a PEM file, relative to the estate file.',
    });
  }
}

/** POSIX regular expressions for the server's `~`: paging and filtering happen there. */
export function globPatterns(globs: readonly string[]): string[] {
  return globs.map(
    (each) =>
      `^${each
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
  );
}
