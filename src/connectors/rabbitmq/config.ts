// What the estate file says about one RabbitMQ cluster, checked. Without TLS nothing leaves this machine unless the file says so.
import { z } from 'zod';
import type { Io } from '../../kit/kit.ts';
import { scopeSettings } from '../../kit/scope.ts';
import { isLoopback, plainHosts, secretRef, tlsFor, tlsSettings } from '../../kit/settings.ts';
import { type Endpoint, endpointOf } from '../../protocols/tcp/dial.ts';

const port = z.number().int().min(1).max(65_535).optional();

export const config = z
  .strictObject({
    host: z.string().min(1).describe('The management API of one node: users belong to the whole cluster.'),
    port: port.describe('Left out: 15671 with TLS, 15672 without.'),
    user: z.string().min(1).describe('Needs the tag administrator.'),
    password: secretRef,
    tls: tlsSettings,
    insecure: z
      .boolean()
      .default(false)
      .describe('Allow a connection without TLS to another machine: passwords cross the network in the clear.'),
    amqp: z
      .array(z.strictObject({ host: z.string().min(1), port: port.describe('Left out: 5671 with TLS, 5672 without.') }))
      .default([])
      .describe('The AMQP listener of every node: each is proved. Left out: the standard port of `host`.'),
    vhost: z.string().min(1).max(255).default('/').describe('What probes ask for after the login; a right on it is not needed.'),
    ...scopeSettings('User'),
  })
  .check((context) => {
    const { host, amqp, tls, insecure } = context.value;
    if (insecure) return;
    const hosts = [{ path: ['host'], host }, ...amqp.map((node, n) => ({ path: ['amqp', n, 'host'], host: node.host }))];
    context.issues.push(...plainHosts(hosts, tls));
  });
export type Config = z.output<typeof config>;

const isPlain = (host: string, tls: Config['tls']): boolean => tls?.mode === 'disable' || (tls === undefined && isLoopback(host));
const standard = (host: string, tls: Config['tls'], secure: number): number => (isPlain(host, tls) ? secure + 1 : secure);

/** Where the API is. Its `tls` tells https from http. */
export function apiOf(settings: Config, io: Io): Endpoint {
  const { host, port: written, tls } = settings;
  return endpointOf({ host, port: written ?? standard(host, tls, 15_671) }, tlsFor(host, tls, io));
}

export function listenersOf(settings: Config, io: Io): readonly Endpoint[] {
  const { host, amqp, tls } = settings;
  const nodes = amqp.length > 0 ? amqp : [{ host, port: undefined }];
  return nodes.map((node) =>
    endpointOf({ host: node.host, port: node.port ?? standard(node.host, tls, 5671) }, tlsFor(node.host, tls, io)),
  );
}
