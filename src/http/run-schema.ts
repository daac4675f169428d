// The bytes of a run and its items on the wire. No field here can hold a secret.
import { z } from 'zod';
import { consumerStates } from '../domain/consumer.ts';
import { itemStates } from '../domain/item.ts';
import type { Progress, ProgressSums } from '../domain/progress.ts';
import type { ItemView, RunView } from '../domain/view.ts';
import { modeSchema } from './plan-schema.ts';

const count = z.number().int();
const seconds = z.number().nullable();
const some = count.exactOptional();
/** Every item is in one part. Named one by one: a record's keys do not reach the generated clients, which are exhaustive over them. */
const parts = {
  complete: some,
  settled: some,
  wrong: some,
  'by-hand': some,
  'under-way': some,
  'not-begun': some,
} satisfies Record<Progress, typeof some>;
export const progressSchema = z.object(parts).meta({ id: 'Progress' }) satisfies z.ZodType<ProgressSums>;
const itemCounts = z.partialRecord(z.enum(itemStates), count);
const lane = z.enum(['waiting', 'running', 'halted', 'done']);

export const runSchema = z
  .object({
    id: z.string(),
    plan: z.string(),
    planHash: z.string(),
    state: z.enum(['running', 'paused', 'aborted', 'complete', 'residual', 'incomplete']),
    mode: modeSchema,
    startedAt: z.string(),
    endedAt: z.string().nullable(),
    startedBy: z.string(),
    halt: z.object({ by: z.string(), reason: z.string(), at: z.string() }).nullable(),
    counts: itemCounts,
    progress: progressSchema,
    parked: count,
    cells: z.object({ proved: count, inferred: count, residual: count, notProved: count, excepted: count, signed: count }),
    consumers: z.partialRecord(z.enum(consumerStates), count),
    waves: z.array(
      z.object({
        n: count,
        name: z.string(),
        state: z.enum(['waiting', 'running', 'held', 'done']),
        reason: z.string().nullable(),
        counts: itemCounts,
        progress: progressSchema,
      }),
    ),
    systems: z.array(
      z.object({
        system: z.string(),
        state: lane,
        reason: z.string().nullable(),
        perSecond: z.number().nullable(),
        concurrency: z.number().nullable(),
      }),
    ),
    exposure: z.object({ firstDenied: seconds, p50: seconds, p95: seconds, lastDenied: seconds }),
    failures: z.array(z.object({ error: z.string(), count, sample: z.array(z.string()) })),
  })
  .meta({ id: 'Run' }) satisfies z.ZodType<RunView>;

const cellSchema = z.object({
  path: z.string(),
  replica: z.string(),
  verdict: z.enum(['proved', 'residual', 'not-proved', 'inferred', 'excepted', 'signed']),
  level: z.enum(['probed', 'state+canary', 'state', 'canary', 'owner', 'none']),
  code: z.string(),
  at: z.string(),
});

export const itemSchema = z
  .object({
    system: z.string(),
    account: z.string(),
    id: z.string(),
    credential: z.string(),
    state: z.enum(itemStates),
    wave: count,
    version: count.nullable(),
    owner: z.string().nullable(),
    cells: z.array(cellSchema),
    consumers: z.array(z.object({ id: z.string(), state: z.enum(consumerStates), detail: z.string().nullable() })),
    residual: z.object({ until: z.string(), why: z.string() }).nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'Item' }) satisfies z.ZodType<ItemView>;
