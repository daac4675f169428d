// What the estate file says about IMAP servers as a way to log in, checked. Without TLS nothing leaves this machine unless the file says so.
import { z } from 'zod';
import type { Io } from '../../kit/kit.ts';
import { isLoopback, plainHosts, tlsFor, tlsSettings } from '../../kit/settings.ts';
import { type Endpoint, endpointOf } from '../tcp/dial.ts';

const host = z.strictObject({
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535).optional().describe('Left out: 993 with TLS from the first byte, 143 otherwise.'),
});

export const imapFields = {
  hosts: z.array(host).min(1).describe('Every server that takes these logins: each is proved.'),
  starttls: z.boolean().default(false).describe('Begin in the clear and change to TLS before anything is said.'),
  tls: tlsSettings,
  insecure: z
    .boolean()
    .default(false)
    .describe('Allow a connection without TLS to another machine: passwords cross the network in the clear.'),
  mechanism: z
    .enum(['auto', 'plain', 'login'])
    .default('auto')
    .describe('plain: AUTHENTICATE PLAIN. login: the command LOGIN. auto: PLAIN where the server offers it, else LOGIN.'),
  wrongPassword: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Texts of NO that mean a wrong password, for servers that say it without [AUTHENTICATIONFAILED], such as "LOGIN failed.". Compared whole, in any case.',
    ),
};
const fields = z.strictObject(imapFields);
export type ImapSettings = z.output<typeof fields>;

/** Complaints of a zod `check`: a password in the clear across a network, and STARTTLS without TLS. */
export function imapIssues({ hosts, starttls, tls, insecure }: ImapSettings, under: readonly string[] = []) {
  const issues = insecure
    ? []
    : plainHosts(
        hosts.map((at, n) => ({ path: [...under, 'hosts', n, 'host'], host: at.host })),
        tls,
      );
  if (!starttls || tls?.mode !== 'disable') return issues;
  return [
    ...issues,
    {
      code: 'custom' as const,
      message: 'starttls: true and tls.mode: disable contradict each other',
      path: [...under, 'starttls'],
      input: true,
    },
  ];
}

/** `upgrade`: the endpoint is dialled in the clear and protected by STARTTLS. */
export type ImapServer = { readonly at: Endpoint; readonly upgrade: boolean };

export function serversOf(settings: ImapSettings, io: Io): readonly ImapServer[] {
  return settings.hosts.map(({ host: name, port }) => {
    // Asked for by name, TLS is also spoken on this machine.
    const tls = tlsFor(name, settings.tls ?? (settings.starttls || !isLoopback(name) ? { mode: 'verify-full' } : undefined), io);
    return {
      at: endpointOf({ host: name, port: port ?? (tls === undefined || settings.starttls ? 143 : 993) }, tls),
      upgrade: settings.starttls,
    };
  });
}
