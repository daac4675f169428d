// What the estate file says about one Mosquitto broker, whose password file lies on this machine, checked.
import { z } from 'zod';
import type { Io } from '../../kit/kit.ts';
import { scopeSettings } from '../../kit/scope.ts';
import { isLoopback, plainHosts, tlsFor, tlsSettings } from '../../kit/settings.ts';
import { type Endpoint, endpointOf } from '../../protocols/tcp/dial.ts';

export const config = z
  .strictObject({
    file: z.string().min(1).describe('The password_file of the broker, on this machine; relative to the estate file.'),
    reload: z
      .union([
        z.strictObject({ pidFile: z.string().min(1).describe('Where the pid of the broker stands: it gets SIGHUP.') }),
        z.strictObject({
          command: z.array(z.string().min(1)).min(1).describe('Makes the broker read the file again, such as systemctl reload mosquitto.'),
        }),
      ])
      .describe('Until the broker reads the file again the old secret is the one it takes.'),
    host: z.string().min(1).default('127.0.0.1'),
    port: z.number().int().min(1).max(65_535).optional().describe('Left out: 8883 with TLS, 1883 without.'),
    listeners: z
      .array(z.strictObject({ host: z.string().min(1), port: z.number().int().min(1).max(65_535) }))
      .default([])
      .describe('Every other listener that takes these passwords: each is proved.'),
    tls: tlsSettings,
    insecure: z
      .boolean()
      .default(false)
      .describe('Allow a connection without TLS to another machine: passwords cross the network in the clear.'),
    clientPrefix: z
      .string()
      .max(64)
      .default('rekey-')
      .describe('How the client names of probes begin, where the broker has clientid_prefixes.'),
    ...scopeSettings('User'),
  })
  .check((context) => {
    const { host, listeners, tls, insecure } = context.value;
    if (insecure) return;
    const hosts = [{ path: ['host'], host }, ...listeners.map((listener, n) => ({ path: ['listeners', n, 'host'], host: listener.host }))];
    context.issues.push(...plainHosts(hosts, tls));
  });
export type Config = z.output<typeof config>;

/** The first is the one that is asked after a change. */
export function listenersOf(settings: Config, io: Io): readonly [Endpoint, ...Endpoint[]] {
  const { host, tls } = settings;
  const standard = tls?.mode === 'disable' || (tls === undefined && isLoopback(host)) ? 1883 : 8883;
  const endpoint = (at: { host: string; port: number }): Endpoint => endpointOf(at, tlsFor(at.host, tls, io));
  return [endpoint({ host, port: settings.port ?? standard }), ...settings.listeners.map(endpoint)];
}
