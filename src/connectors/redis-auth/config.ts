// What the estate file says about Redis servers as a way to log in, checked. Without TLS nothing leaves this machine unless the file says so.
import { z } from 'zod';
import { plainHosts, portOr, tlsSettings, userTemplate } from '../../kit/settings.ts';

const port = portOr(6379);

export const config = z
  .strictObject({
    host: z.string().min(1).describe('The first server: a name, an address, or the path of its unix socket.'),
    port,
    nodes: z
      .array(z.strictObject({ host: z.string().min(1), port }))
      .default([])
      .describe('Every other server that takes this login: each is proved.'),
    user: userTemplate,
    passwordOnly: z
      .boolean()
      .default(false)
      .describe('AUTH with the password alone: servers before version 6, and proxies that know no users. `user` is not sent then.'),
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
