// The bytes of the first screen's picture, of a run's systems and of its timeline. No field here can hold a secret.
import { z } from 'zod';
import { itemStates } from '../domain/item.ts';
import type { NowView, RunSystemView, TimelineView } from '../domain/now-view.ts';
import { oldSecretStates } from '../domain/old-secret.ts';
import { progressSchema } from './run-schema.ts';

const count = z.number().int();
const text = z.string().nullable();
const old = z.partialRecord(z.enum(oldSecretStates), count);
const halt = z.object({ by: z.string(), reason: z.string(), at: z.string() }).nullable();

export const runSystemSchema = z
  .object({
    system: z.string(),
    tier: count,
    total: count,
    counts: z.partialRecord(z.enum(itemStates), count),
    old,
    parked: count,
    state: z.enum(['waiting', 'running', 'halted', 'done']).nullable(),
    reason: text,
    since: text,
    perSecond: z.number().nullable(),
  })
  .meta({ id: 'RunSystem' }) satisfies z.ZodType<RunSystemView>;

export const timelineSchema = z
  .object({ at: z.string(), kind: z.string(), text: z.string(), by: text })
  .meta({ id: 'Told' }) satisfies z.ZodType<TimelineView>;

const needSchema = z
  .object({
    kind: z.enum(['paused', 'held', 'halted', 'in-doubt', 'failed', 'parked', 'approve', 'by-hand', 'consumer']),
    what: z.string(),
    why: text,
    since: text,
    by: text,
    ends: z.string(),
    count,
    mine: z.boolean(),
    plan: text,
    run: text,
    system: text,
    state: z.enum(itemStates).nullable(),
  })
  .meta({ id: 'Need' });

const nowRunSchema = z
  .object({
    id: z.string(),
    plan: z.string(),
    name: z.string(),
    incident: text,
    state: z.enum(['running', 'paused', 'aborted', 'complete', 'residual', 'incomplete']),
    startedAt: z.string(),
    endedAt: text,
    startedBy: z.string(),
    halt,
    predicted: z.object({ low: z.number(), high: z.number() }).nullable(),
  })
  .meta({ id: 'NowRun' });

export const nowSchema = z
  .object({
    at: z.string(),
    estate: z.object({ systems: count, accounts: count, discovered: count, plans: count, runs: count, exposedLeft: count }),
    run: nowRunSchema.nullable(),
    active: z.array(nowRunSchema),
    total: count,
    old,
    tier0: z.object({ total: count, open: count }).nullable(),
    sessions: z
      .object({
        notEnded: count,
        residual: count,
        until: text,
        why: z.array(z.object({ why: z.string(), count })),
        cannotEnd: z.array(z.string()),
      })
      .nullable(),
    waves: z.array(
      z.object({
        n: count,
        name: z.string(),
        state: z.enum(['waiting', 'running', 'held', 'done']),
        reason: text,
        progress: progressSchema,
      }),
    ),
    systems: z.array(runSystemSchema),
    needs: z.array(needSchema),
    consumers: z.object({ total: count, adopted: count, failed: count }),
    people: z.object({ total: count, done: count, open: count }),
    delivery: z.object({ people: count, fetched: count }),
    exposure: z.object({ firstDenied: z.number().nullable(), p50: z.number().nullable(), p95: z.number().nullable() }),
    timeline: z.array(timelineSchema),
  })
  .meta({ id: 'Now' }) satisfies z.ZodType<NowView>;
