// The structure of `notify`: who is told, through which channel, how often. Secrets are named, never held.
import { z } from 'zod';
import { outsideEvents } from '../domain/outside-event.ts';
import { secretRef } from '../kit/settings.ts';
import { duration } from './duration.ts';
import { kebab } from './kebab.ts';

const text = (what: string) =>
  z
    .string(what)
    .trim()
    .min(1, what)
    .max(500, `${what} of at most 500 characters`)
    .refine((value) => !/[\r\n\0]/.test(value), `${what} on one line`);
const clock = z.string('a time such as 22:00').regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 22:00');
const zone = z.string('a time zone such as Europe/Vienna').refine(isZone, 'a time zone such as Europe/Vienna');
const minutes = (what: string) => z.int(what).min(0, what).max(1440, what);

const smtp = z
  .strictObject(
    {
      host: text('the name of the mail server'),
      port: z
        .int('a port')
        .min(1, 'a port')
        .max(65_535, 'a port')
        .optional()
        .meta({ description: 'Left out: 465 for implicit, 587 for starttls, 25 for none.' }),
      tls: z.enum(['implicit', 'starttls', 'none'], 'implicit, starttls or none').optional().meta({
        description: 'implicit: TLS from the first byte. starttls: refused when the server does not offer it. none: this machine only.',
        default: 'starttls',
      }),
      ca: text('a path').optional().meta({ description: 'PEM file of the only CA that is trusted. Left out: the system CAs.' }),
      servername: text('a name').optional().meta({ description: 'Name the certificate must show, where it is not the host.' }),
      user: text('a user').optional(),
      password: secretRef.optional(),
      timeoutMs: z.int('milliseconds').min(1000, 'at least 1000 milliseconds').max(60_000, 'at most 60000 milliseconds').optional(),
    },
    'a block with the mail server',
  )
  .meta({ description: 'Mail submission. Mail says what happened and where to go, never a secret.' });

const webhook = z.strictObject({
  id: z.string('an id').max(63, 'an id of at most 63 characters').regex(kebab, 'an id in lower case, digits and single hyphens'),
  url: z.url({ protocol: /^https?$/, error: 'an https address' }),
  style: z
    .enum(['rekey', 'chat'], 'rekey or chat')
    .optional()
    .meta({ description: 'rekey: signed JSON events (Standard Webhooks). chat: {text}, for rooms where people read.', default: 'rekey' }),
  secret: secretRef.optional().meta({ description: 'Signing secret: whsec_ and at least 24 bytes in base64.' }),
  previous: secretRef.optional().meta({ description: 'The secret before: during a rotation every call carries both signatures.' }),
  events: z
    .array(z.enum(outsideEvents, 'the name of an event'), 'a list of events')
    .min(1, 'at least one event')
    .optional()
    .meta({ description: 'Left out: all.' }),
  private: z.boolean('true or false').optional().meta({
    description: 'The address may be on this machine or in a private network. Metadata services are never called.',
    default: false,
  }),
  ca: text('a path').optional().meta({ description: 'PEM file of the only CA that is trusted. Left out: the system CAs.' }),
  field: text('the name of a field').optional().meta({ description: 'Style chat: the field that holds the text.', default: 'text' }),
  edit: z
    .strictObject({
      method: z.enum(['PATCH', 'PUT', 'POST'], 'PATCH, PUT or POST'),
      url: z
        .string('an address with {id} in it')
        .refine((value) => value.includes('{id}') && URL.canParse(value.replace('{id}', 'x')), 'an address with {id} in it'),
      id: z.string('the name of the field that holds the id').min(1),
    })
    .optional()
    .meta({
      description:
        'Style chat: how a posted message is changed, so that one message per run is kept up to date. Left out: a message per change.',
    }),
});

export const notifyShape = z
  .strictObject(
    {
      from: text('an address such as "Rekey <rekey@example.test>"').meta({ description: 'Sender of mail.' }),
      publicUrl: z
        .url({ protocol: /^https?$/, error: 'an https address' })
        .optional()
        .meta({ description: 'Where people open the console. Left out: messages name commands only.' }),
      timezone: zone.optional().meta({ description: 'For the local time beside UTC, and for quiet hours.', default: 'UTC' }),
      digestMinutes: minutes('minutes from 0 to 1440')
        .optional()
        .meta({ description: 'What can wait is gathered for so long.', default: 15 }),
      quietHours: z
        .strictObject({ from: clock, to: clock }, 'a block with from and to')
        .optional()
        .meta({ description: 'Nothing is sent then, except about tier 0.' }),
      unknownAbove: z
        .int('a number of items')
        .min(0, 'a number of items')
        .optional()
        .meta({ description: 'More items in doubt than this is told at once.', default: 10 }),
      employees: z
        .strictObject(
          { remindBefore: duration('a time from 1h to 30d, such as 24h', 3_600_000, 30 * 86_400_000).optional() },
          'a block, which may be empty',
        )
        .optional()
        .meta({
          description:
            'People whose new credential waits get a mail that says where to fetch it, and one reminder so long before the time to fetch it is over (24h; never in the first half). Left out: they are told by other means.',
        }),
      templates: text('a path').optional().meta({ description: 'Folder with templates that replace the shipped ones.' }),
      smtp: smtp.optional(),
      webhooks: z.array(webhook, 'a list of webhooks').optional(),
      people: z
        .array(
          z.strictObject({
            name: text('a name').meta({ description: 'As in approvers, or as they sign in.' }),
            mail: text('a mail address').optional(),
            channel: text('mail, or the id of a chat webhook')
              .optional()
              .meta({ description: 'Where this person is told instead of by mail.' }),
            timezone: zone.optional(),
          }),
          'a list of people',
        )
        .optional()
        .meta({ description: 'Where people are reached. A name that is a mail address needs no entry.' }),
    },
    'a block with notices',
  )
  .optional()
  .meta({ description: 'Notices to people and systems. Left out: nobody is told anything.' });

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
