// The structure of rekey.yaml: what may stand where. Unknown keys are errors; the published JSON Schema is made from this.
import { z } from 'zod';
import { secretRef } from '../kit/settings.ts';
import { deliveryShape, workloadsShape } from './delivery.ts';
import { personAttributes } from './estate.ts';
import { kebab } from './kebab.ts';
import { notifyShape } from './notify-shape.ts';
import { playbooksShape } from './playbook-shape.ts';
import { signInShape } from './sign-in.ts';

const positive = z.int('a positive integer').positive('a positive integer');
const approvals = z.int('a number of people (0 or more)').min(0, 'a number of people (0 or more)').max(20, 'at most 20 people');
const text = (what: string) => z.string(what).trim().min(1, what).max(500, `${what} of at most 500 characters`);
const kebabId = (what: string) =>
  z.string(what).max(63, `${what} of at most 63 characters`).regex(kebab, `${what} in lower case, digits and single hyphens`);

const path = z.strictObject({
  id: kebabId('an id').meta({ description: 'Name of the access path, permanent.' }),
  probe: z.string('the id of a connector that can probe').meta({ description: 'Connector that logs in on this path.' }),
  config: z.unknown().optional().meta({ description: "The probing connector's own settings." }),
});

const system = z.strictObject({
  id: kebabId('an id').meta({ description: 'Permanent name of the system: kebab-case.' }),
  connector: z.string('the id of a connector').meta({ description: 'Which connector speaks to it.' }),
  tier: z
    .int('a tier from 0 to 3')
    .min(0, 'a tier from 0 to 3')
    .max(3, 'a tier from 0 to 3')
    .optional()
    .meta({ description: '0 control plane … 3 long tail.', default: 3 }),
  owner: text('an owner, such as an e-mail address').optional().meta({ description: 'Owner of accounts that have none of their own.' }),
  config: z.unknown().optional().meta({ description: "The connector's own settings." }),
  limits: z
    .strictObject(
      {
        concurrency: positive
          .max(4096, 'a positive integer up to 4096')
          .optional()
          .meta({ description: 'Calls at the same time, at most.' }),
        perSecond: z
          .number('a positive number')
          .positive('a positive number')
          .optional()
          .meta({ description: 'Calls per second, at most.' }),
        timeoutMs: positive
          .min(100, 'at least 100 milliseconds')
          .max(600_000, 'at most 600000 milliseconds')
          .optional()
          .meta({ description: 'How long one call may take.' }),
      },
      'a block of limits',
    )
    .optional(),
  password: z
    .strictObject(
      {
        length: z.int('a length from 8 to 1024').min(8, 'a length from 8 to 1024').max(1024, 'a length from 8 to 1024').optional(),
        classes: z
          .array(z.enum(['lower', 'upper', 'digit', 'symbol']), 'a list of character classes')
          .min(1, 'at least one character class')
          .optional(),
        exclude: z.string('a text of characters to leave out').optional(),
      },
      'a block of password rules',
    )
    .optional()
    .meta({ description: 'Rules for new passwords, united with the policy read from the target.' }),
  canary: z
    .strictObject({ account: text('the name of an account'), secret: secretRef.optional() }, 'a block with the canary account')
    .optional()
    .meta({ description: 'An account of yours, reset first with known old and new secrets: proves that the paths honour a reset.' }),
  paths: z.array(path, 'a list of access paths').optional().meta({ description: "Access paths to prove, on top of the connector's own." }),
});

export const estateShape = z.strictObject({
  apiVersion: z.literal('rekey/v1', 'rekey/v1').meta({ description: 'Version of this file format.' }),
  estate: kebabId('a name').meta({ description: 'Name of the estate: kebab-case.' }),
  store: z
    .union([z.strictObject({ url: z.string().min(1) }), z.strictObject({ dataDir: z.string().min(1) })])
    .optional()
    .meta({
      description:
        'PostgreSQL (url, without a password) or a folder for the embedded store. Left out: .rekey/store. REKEY_DATABASE_URL wins.',
    }),
  keyring: z
    .strictObject(
      {
        provider: z.enum(['file', 'env'], 'file or env'),
        path: text('a path').optional().meta({ description: 'Provider file: the key file.' }),
        variable: z
          .string('the name of an environment variable')
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')
          .optional()
          .meta({ description: 'Provider env: the variable that holds the key.' }),
      },
      'a block with the keyring',
    )
    .optional(),
  approvals: z
    .strictObject(
      {
        count: approvals.optional().meta({ description: 'Approvals any plan needs.', default: 1 }),
        tier0: approvals.optional().meta({ description: 'Approvals a plan needs that touches tier 0.', default: 2 }),
        handover: approvals.optional().meta({ description: 'Approvals a hand-over file needs.', default: 2 }),
        self: z.boolean('true or false').optional().meta({ description: "May the plan's author approve it.", default: false }),
        passkeys: z
          .boolean('true or false')
          .optional()
          .meta({ description: "Do members' passkeys count, or only the SSH keys of this file.", default: true }),
      },
      'a block of approval rules',
    )
    .optional(),
  approvers: z
    .array(
      z.strictObject({
        name: text('a name'),
        key: z.string('an SSH public key, one line').meta({ description: 'SSH public key: ssh-ed25519 AAAA…' }),
      }),
      'a list of approvers',
    )
    .optional(),
  systems: z.array(system, 'a list of systems'),
  people: z
    .strictObject(
      {
        match: z
          .array(z.enum(personAttributes), 'a list of attributes')
          .min(1, 'at least one attribute')
          .meta({ description: 'Attributes that tell whose an account is, strongest first; accounts with the same value are one person.' }),
        systems: z.array(z.string('the id of a system'), 'a list of systems').min(1, 'at least one system').optional().meta({
          description: 'Systems whose accounts are matched. Left out: all.',
        }),
      },
      'a block that says how people are told',
    )
    .optional(),
  sync: z
    .array(
      z.strictObject({
        name: kebabId('a name').meta({ description: 'Name of the group, permanent.' }),
        systems: z
          .array(z.string('the id of a system'), 'a list of systems')
          .min(2, 'at least two systems')
          .meta({ description: 'The first is the system the others authenticate against: it is reset before them.' }),
      }),
      'a list of groups',
    )
    .optional()
    .meta({ description: 'Groups of systems in which all accounts of one person get the same new value. Left out: none.' }),
  delivery: deliveryShape,
  workloads: workloadsShape,
  notify: notifyShape,
  playbooks: playbooksShape,
  signIn: signInShape,
});
export type EstateFile = z.infer<typeof estateShape>;
