// What a twin's block of the estate file may say; unknown keys are errors, so a misspelt fault cannot silently do nothing.
import { z } from 'zod';

const span = z.union([z.number().min(0), z.tuple([z.number().min(0), z.number().min(0)])]);
const count = z.number().int().min(0);
const part = z.number().min(0).max(1);

export const operations = [
  'check',
  'inventory',
  'policy',
  'set',
  'state',
  'lockout',
  'sessions',
  'contain',
  'list',
  'issue',
  'retire',
  'probe',
] as const;
export type Operation = (typeof operations)[number];

const faultRule = z.strictObject({
  /** Left out: every operation. */
  op: z.enum(operations).optional(),
  /**
   * `swallow-reply`: applied, answer lost. `lose-request`: never arrived, nobody can tell. `stale`: the old value goes on being honoured.
   * `accept-any`: any value opens the account. `second-value`: the new value is added beside the old.
   */
  kind: z.enum([
    'throttled',
    'unreachable',
    'swallow-reply',
    'lose-request',
    'refuse-policy',
    'stale',
    'accept-any',
    'second-value',
    'permission',
  ]),
  /** Glob over account names and ids (`svc-*`). */
  accounts: z.string().optional(),
  everyNth: z.number().int().min(1).optional(),
  probability: part.optional(),
  /** Calls that match are numbered from 1 per process: the rule applies to those > `after` and ≤ `until`. */
  after: count.optional(),
  until: count.optional(),
  retryAfterMs: count.optional(),
});
export type FaultRule = z.infer<typeof faultRule>;

const extraAccount = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(['human', 'service', 'application', 'agent', 'vendor', 'shared', 'unknown']).default('service'),
  owner: z.string().optional(),
  enabled: z.boolean().default(true),
  privileged: z.boolean().default(false),
});

export const twinConfig = z.strictObject({
  seed: z.union([z.string().min(1), z.number().int()]).transform(String),
  accounts: z.strictObject({
    people: count.default(0),
    services: count.default(0),
    /** Put before every generated name, so that two estates of one seed differ. */
    prefix: z.string().default(''),
    domain: z.string().default('acme.example'),
    /** Accounts with a name of your choice, for canaries and examples. */
    named: z.array(extraAccount).default([]),
    /** Parts of the generated accounts (0 … 1). Benches set all four to 0. */
    unowned: part.default(0.06),
    shared: part.default(0.04),
    disabled: part.default(0.03),
    privileged: part.default(0.04),
  }),
  latencyMs: z.union([span, z.strictObject({ set: span.optional(), probe: span.optional(), read: span.optional() })]).optional(),
  perSecond: z.number().positive().optional(),
  lockout: z.strictObject({ threshold: count, windowSeconds: z.number().positive().default(900) }).optional(),
  replicas: z.strictObject({ count: z.number().int().min(1), lagMs: z.number().min(0).default(0) }).default({ count: 1, lagMs: 0 }),
  paths: z.array(z.string().min(1)).min(1).default(['login']),
  /** Sessions open on every account when the twin starts. */
  sessions: count.default(0),
  policy: z
    .strictObject({
      minLength: count.optional(),
      maxLength: count.optional(),
      classes: count.optional(),
      exclude: z.string().optional(),
      history: count.optional(),
      minAgeSeconds: count.optional(),
    })
    .default({ minLength: 8 }),
  /** Two live slots, minted by the target. */
  dual: z.boolean().default(false),
  faults: z.array(faultRule).default([]),
  unreachable: z.boolean().default(false),
  /** Accounts that keep honouring the value before the last one. */
  staleAccounts: z.string().optional(),
  /** Keeps the truth in a file: outlives the process, may be shared by several. */
  state: z.strictObject({ file: z.string().min(1) }).optional(),
});
export type TwinConfig = z.infer<typeof twinConfig>;
export type Span = z.infer<typeof span>;
