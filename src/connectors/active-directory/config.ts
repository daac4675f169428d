// What the estate file says about one domain, checked. Passwords go over LDAPS only: a domain controller takes a reset on nothing less.
import { z } from 'zod';
import type { Io } from '../../kit/kit.ts';
import { secretRef } from '../../kit/settings.ts';
import { parseDn } from '../../protocols/ldap/dn.ts';
import { type Endpoint, endpointsAt, ldapsAddress } from '../../protocols/ldap/endpoint.ts';
import { FilterError, parseFilter } from '../../protocols/ldap/filter-text.ts';

const dn = z.string().refine((value) => (parseDn(value)?.length ?? 0) > 0, { error: 'expected a DN such as DC=example,DC=test' });
const filter = z.string().check((context) => {
  try {
    parseFilter(context.value);
  } catch (error) {
    const message = error instanceof FilterError ? error.message : 'not a filter';
    context.issues.push({ code: 'custom', message: `LDAP filter, ${message}`, input: context.value });
  }
});

export const previousPassword = ['double-reset', 'must-change', 'leave'] as const;
export type PreviousPassword = (typeof previousPassword)[number];

const tickets = z
  .strictObject({
    maxTicketMinutes: z.number().int().min(1).default(600).describe('MaxTicketAge of the domain: how long a ticket lives.'),
    maxRenewMinutes: z.number().int().min(1).default(10_080).describe('MaxRenewAge of the domain: how long it can be renewed.'),
    maxServiceMinutes: z.number().int().min(1).default(600).describe('MaxServiceAge of the domain.'),
    maxSkewMinutes: z.number().int().min(0).default(5).describe('MaxClockSkew of the domain.'),
  })
  .prefault({})
  .describe(
    'The Kerberos policy of the domain. It lies in SYSVOL, which LDAP does not show: change these where yours differ from the defaults.',
  );
export type TicketPolicy = z.output<typeof tickets>;

export const config = z.strictObject({
  controllers: z
    .array(ldapsAddress)
    .min(1)
    .describe('Every writable domain controller of the domain. Each is proved; the one that is PDC emulator takes the writes.'),
  bind: z.strictObject({
    user: z.string().min(1).describe('UPN (rekey@example.test), EXAMPLE\\rekey or DN of the delegated account.'),
    password: secretRef,
  }),
  base: dn.optional().describe('Where accounts are searched. Left out: the whole domain.'),
  ca: z.string().min(1).optional().describe('PEM file of the CA, relative to the estate file. Left out: the system CAs.'),
  servername: z.string().min(1).optional().describe('Name the certificate must show, where it is not the host of the address.'),
  previousPassword: z
    .enum(previousPassword)
    .default('double-reset')
    .describe(
      'What ends the password before the new one, which LDAP and NTLM go on taking for a while. double-reset: a throw-away value first. must-change: people must choose a new one at the next logon (services: double-reset). leave: nothing.',
    ),
  tierZero: z
    .boolean()
    .default(true)
    .describe(
      'The inventory also lists the Tier-0 secrets that are no accounts. Say false on all but one of several systems in one domain.',
    ),
  unlock: z.boolean().default(false).describe('A reset also ends a lock by failed logons. Otherwise a locked account stays locked.'),
  filter: filter.optional().describe('Which entries below base are accounts.'),
  peopleFilter: filter.optional().describe('Which accounts are people; others are told by their attributes.'),
  serviceFilter: filter.optional().describe('Which accounts are services.'),
  tickets,
  kerberos: z
    .strictObject({
      realm: z.string().min(1),
      port: z.number().int().min(1).max(65_535).default(88),
    })
    .optional()
    .describe('Proves each controller over Kerberos as well. Needs kinit (krb5-user) on this machine.'),
});
export type Config = z.output<typeof config>;

export const endpoints = (settings: Config, io: Io): readonly Endpoint[] => endpointsAt(settings.controllers, settings, io);
