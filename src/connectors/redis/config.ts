// What the estate file says about the servers of one Redis, checked. Without TLS nothing leaves this machine unless the file says so.
import { z } from 'zod';
import type { Io } from '../../kit/kit.ts';
import { scopeSettings } from '../../kit/scope.ts';
import { plainHosts, portOr, secretRef, tlsFor, tlsSettings } from '../../kit/settings.ts';
import { type Endpoint, endpointOf } from '../../protocols/tcp/dial.ts';

const port = portOr(6379);
const server = z.strictObject({ host: z.string().min(1), port });

export const config = z
  .strictObject({
    host: z.string().min(1).describe('The first server: a name, an address, or the path of its unix socket.'),
    port,
    nodes: z
      .array(server)
      .default([])
      .describe('Every other server that takes logins (replicas, shards): ACLs are not replicated, so each is written and proved.'),
    user: z.string().min(1).default('default').describe('The ACL user Rekey logs in as, on every server.'),
    password: secretRef,
    tls: tlsSettings,
    insecure: z
      .boolean()
      .default(false)
      .describe('Allow a connection without TLS to another machine: passwords cross the network in the clear.'),
    persist: z
      .enum(['always', 'where-possible'])
      .default('always')
      .describe('always: a server that keeps ACLs in memory only is not changed, because a restart would bring the old secret back.'),
    ...scopeSettings('User'),
  })
  .check((context) => {
    const { host, nodes, tls, insecure } = context.value;
    if (insecure) return;
    const hosts = [{ path: ['host'], host }, ...nodes.map((node, n) => ({ path: ['nodes', n, 'host'], host: node.host }))];
    context.issues.push(...plainHosts(hosts, tls));
  });
export type Config = z.output<typeof config>;

/** The first server first. */
export function endpoints(settings: Config, io: Io): readonly [Endpoint, ...Endpoint[]] {
  const endpoint = (at: { host: string; port: number }): Endpoint => endpointOf(at, tlsFor(at.host, settings.tls, io));
  return [endpoint(settings), ...settings.nodes.map(endpoint)];
}
