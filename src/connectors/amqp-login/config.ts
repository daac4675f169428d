// What the estate file says about AMQP brokers as a way to log in, checked. Without TLS nothing leaves this machine unless the file says so.
import { z } from 'zod';
import { isLoopback, plainHosts, tlsSettings, userTemplate } from '../../kit/settings.ts';

const port = z.number().int().min(1).max(65_535).optional().describe('Left out: 5671 with TLS, 5672 without.');
const vhost = z.string().min(1).max(255);

export const config = z
  .strictObject({
    host: z.string().min(1),
    port,
    nodes: z
      .array(z.strictObject({ host: z.string().min(1), port }))
      .default([])
      .describe('Every other broker that takes this login: each is proved.'),
    vhost: vhost.default('/').describe('A right on it is not needed: a login the broker takes is taken, whatever comes after it.'),
    user: userTemplate,
    tls: tlsSettings,
    insecure: z
      .boolean()
      .default(false)
      .describe('Allow a connection without TLS to another machine: passwords cross the network in the clear.'),
  })
  .check((context) => {
    const { host, nodes, tls, insecure } = context.value;
    if (insecure) return;
    const hosts = [{ path: ['host'], host }, ...nodes.map((node, n) => ({ path: ['nodes', n, 'host'], host: node.host }))];
    context.issues.push(...plainHosts(hosts, tls));
  });
export type Config = z.output<typeof config>;

/** The standard port depends on whether TLS is spoken there. */
export const portOf = (at: { readonly host: string; readonly port?: number | undefined }, tls: Config['tls']): number =>
  at.port ?? (tls?.mode === 'disable' || (tls === undefined && isLoopback(at.host)) ? 5672 : 5671);
