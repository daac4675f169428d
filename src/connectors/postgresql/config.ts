// What the estate file says about one PostgreSQL server and its standbys, checked. Without TLS nothing leaves this machine unless the file says so.

import { z } from 'zod';
import type { Io } from '../../kit/kit.ts';
import { globSource, scopeSettings } from '../../kit/scope.ts';
import { plainHosts, portOr, secretRef, type Tls, tlsFor, tlsSettings } from '../../kit/settings.ts';

const port = portOr(5432);
const server = z.strictObject({ host: z.string().min(1), port });

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
    tls: tlsSettings,
    insecure: z
      .boolean()
      .default(false)
      .describe('Allow a connection without TLS to another machine: only the SCRAM exchange protects the passwords.'),
    replicas: z.array(server).default([]).describe('Every standby that takes logins: each is proved.'),
    ...scopeSettings('Role'),
    connections: z.number().int().min(1).max(64).default(8).describe('Most connections Rekey holds for its own statements.'),
  })
  .check((context) => {
    const { host, replicas, tls, insecure } = context.value;
    if (insecure) return;
    const hosts = [{ path: ['host'], host }, ...replicas.map((replica, n) => ({ path: ['replicas', n, 'host'], host: replica.host }))];
    context.issues.push(...plainHosts(hosts, tls));
  });
export type Config = z.output<typeof config>;

/** `replica` is the name the server has in every cell: `host:port`. */
export type Endpoint = { readonly host: string; readonly port: number; readonly replica: string; readonly tls: Tls | undefined };

/** The primary first. */
export function endpoints(settings: Config, io: Io): readonly [Endpoint, ...Endpoint[]] {
  const endpoint = (at: { host: string; port: number }): Endpoint => ({
    host: at.host,
    port: at.port,
    replica: `${at.host.includes(':') ? `[${at.host}]` : at.host}:${at.port}`,
    tls: tlsFor(at.host, settings.tls, io),
  });
  return [endpoint(settings), ...settings.replicas.map(endpoint)];
}

/** POSIX regular expressions for the server's `~`: paging and filtering happen there. */
export function globPatterns(globs: readonly string[]): string[] {
  return globs.map((each) => `^${globSource(each)}$`);
}
