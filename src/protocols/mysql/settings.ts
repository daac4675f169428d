// What the estate file says about one MariaDB or MySQL server and its replicas, checked. Without TLS nothing leaves this machine unless the file says so.
import { z } from 'zod';
import type { Io } from '../../kit/kit.ts';
import { plainHosts, portOr, secretRef, type Tls, type TlsSettings, tlsFor, tlsSettings } from '../../kit/settings.ts';

const port = portOr(3306);
const glob = z.string().min(1);

export const serverSettings = z
  .strictObject({
    host: z.string().min(1).describe('The server that takes changes: a name, an address, or the path of its unix socket.'),
    port,
    user: z.string().min(1),
    password: secretRef,
    tls: tlsSettings,
    insecure: z
      .boolean()
      .default(false)
      .describe('Allow a connection without TLS to another machine: only the password exchange protects the passwords.'),
    replicas: z
      .array(z.strictObject({ host: z.string().min(1), port }))
      .default([])
      .describe('Every other server that takes logins to the same accounts: each is proved.'),
    include: z.array(glob).default([]).describe('Accounts to take, as globs (* and ?) over user or user@host. Left out: all.'),
    exclude: z.array(glob).default([]).describe('Accounts to leave out, as globs over user or user@host.'),
    connections: z.number().int().min(1).max(64).default(8).describe('Most connections Rekey holds for its own statements, per server.'),
  })
  .check((context) => {
    const { host, replicas, tls, insecure } = context.value;
    if (insecure) return;
    const hosts = [{ path: ['host'], host }, ...replicas.map((replica, n) => ({ path: ['replicas', n, 'host'], host: replica.host }))];
    context.issues.push(...plainHosts(hosts, tls));
  });
export type ServerSettings = z.output<typeof serverSettings>;

/** `replica` is the name the server has in every cell. */
export type Endpoint = { readonly host: string; readonly port: number; readonly replica: string; readonly tls: Tls | undefined };

export function endpointOf(at: { readonly host: string; readonly port: number }, tls: TlsSettings, io: Io): Endpoint {
  const { host } = at;
  const replica = host.startsWith('/') ? host : `${host.includes(':') ? `[${host}]` : host}:${at.port}`;
  return { host, port: at.port, replica, tls: tlsFor(host, tls, io) };
}

/** The one that is written to first. */
export function endpoints(settings: ServerSettings, io: Io): readonly [Endpoint, ...Endpoint[]] {
  return [endpointOf(settings, settings.tls, io), ...settings.replicas.map((replica) => endpointOf(replica, settings.tls, io))];
}
