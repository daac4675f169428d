// Notices as the rest of the house sees them: defaulted, paths resolved. No secret, only where one lives.
import { isAbsolute, resolve } from 'node:path';
import type { z } from 'zod';
import { type OutsideEvent, outsideEvents } from '../domain/outside-event.ts';
import type { SecretRef } from '../kit/secret.ts';
import { durationMs } from './duration.ts';
import type { notifyShape } from './notify-shape.ts';

export type SmtpSpec = {
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly ca?: string;
  readonly servername?: string;
  readonly user?: string;
  readonly password?: SecretRef;
  readonly timeoutMs: number;
};
export type WebhookSpec = {
  readonly id: string;
  readonly url: string;
  readonly style: 'rekey' | 'chat';
  readonly secret?: SecretRef;
  readonly previous?: SecretRef;
  readonly events: readonly OutsideEvent[];
  readonly private: boolean;
  readonly ca?: string;
  readonly field: string;
  readonly edit?: { readonly method: string; readonly url: string; readonly id: string };
};
export type RecipientSpec = { readonly name: string; readonly mail?: string; readonly channel?: string; readonly timezone?: string };
export type NotifySpec = {
  readonly from: string;
  readonly publicUrl?: string;
  readonly timezone: string;
  readonly digestMinutes: number;
  readonly quietHours?: { readonly from: string; readonly to: string };
  readonly unknownAbove: number;
  /** Left out: people are not mailed about their own credentials. */
  readonly employees?: { readonly remindBeforeMs: number };
  /** Absolute. */
  readonly templates?: string;
  readonly smtp?: SmtpSpec;
  readonly webhooks: readonly WebhookSpec[];
  readonly people: readonly RecipientSpec[];
};

const ports = { implicit: 465, starttls: 587, none: 25 } as const;

export function notifySpec(file: NonNullable<z.infer<typeof notifyShape>>, folder: string): NotifySpec {
  const here = (path: string): string => (isAbsolute(path) ? path : resolve(folder, path));
  const { smtp, webhooks, templates, employees, ...rest } = file;
  const spec = {
    ...rest,
    timezone: file.timezone ?? 'UTC',
    digestMinutes: file.digestMinutes ?? 15,
    unknownAbove: file.unknownAbove ?? 10,
    ...(employees === undefined ? {} : { employees: { remindBeforeMs: durationMs(employees.remindBefore ?? '24h') } }),
    ...(templates === undefined ? {} : { templates: here(templates) }),
    ...(smtp === undefined
      ? {}
      : {
          smtp: {
            ...smtp,
            tls: smtp.tls ?? 'starttls',
            port: smtp.port ?? ports[smtp.tls ?? 'starttls'],
            timeoutMs: smtp.timeoutMs ?? 20_000,
            ...(smtp.ca === undefined ? {} : { ca: here(smtp.ca) }),
          },
        }),
    webhooks: (webhooks ?? []).map((hook) => ({
      ...hook,
      style: hook.style ?? 'rekey',
      events: hook.events ?? outsideEvents,
      private: hook.private ?? false,
      field: hook.field ?? 'text',
      ...(hook.ca === undefined ? {} : { ca: here(hook.ca) }),
    })),
    people: file.people ?? [],
  };
  return spec as NotifySpec; // the shape's optional members are absent, never undefined: they come from a parsed file
}
