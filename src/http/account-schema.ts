// The bytes of an account on the wire: fields that are not named here are stripped from every reply.
import { z } from 'zod';
import { kinds, managedBy } from '../domain/account.ts';
import { consumerStates } from '../domain/consumer.ts';
import { itemStates } from '../domain/item.ts';
import type { AccountRunView, AccountView, CheckView, ImportReport } from '../domain/view.ts';
import type { DiscoverStep } from './services.ts';

export const consumerSchema = z
  .object({ consumer: z.string(), store: z.string(), ref: z.string(), owner: z.string().nullable(), state: z.enum(consumerStates) })
  .meta({ id: 'Consumer' });

export const accountSchema = z
  .object({
    system: z.string(),
    account: z.string(),
    id: z.string(),
    identity: z.string().nullable(),
    person: z.string().nullable(),
    personWhy: z.string().nullable(),
    kind: z.enum(kinds),
    owner: z.string().nullable(),
    managed: z.enum(managedBy),
    tier: z.number().int(),
    tags: z.array(z.string()),
    privileged: z.boolean(),
    shared: z.boolean(),
    enabled: z.boolean(),
    exposed: z.boolean(),
    lastChangedAt: z.string().nullable(),
    version: z.number().int(),
    consumers: z.array(consumerSchema),
    blockers: z.array(z.string()),
  })
  .meta({ id: 'Account' }) satisfies z.ZodType<AccountView>;

export const accountRunSchema = z
  .object({
    run: z.string(),
    plan: z.string(),
    startedAt: z.string(),
    state: z.enum(itemStates),
    wave: z.number().int(),
    version: z.number().int().nullable(),
    at: z.string(),
    error: z.string().nullable(),
    residualUntil: z.string().nullable(),
  })
  .meta({ id: 'AccountRun' }) satisfies z.ZodType<AccountRunView>;

export const checkSchema = z
  .object({ system: z.string(), id: z.string(), verdict: z.enum(['ok', 'warn', 'fail']), message: z.string(), next: z.string().nullable() })
  .meta({ id: 'Check' }) satisfies z.ZodType<CheckView>;

export const discoverSchema = z
  .object({ system: z.string(), found: z.number().int(), gone: z.number().int(), done: z.boolean(), problem: z.string().exactOptional() })
  .meta({ id: 'DiscoverStep' }) satisfies z.ZodType<DiscoverStep>;

export const importSchema = z
  .object({
    rows: z.number().int(),
    imported: z.number().int(),
    problems: z.array(z.object({ place: z.string(), message: z.string(), hint: z.string() })),
  })
  .meta({ id: 'ImportReport' }) satisfies z.ZodType<ImportReport>;
