// The bytes of a plan on the wire, and what a request for one may say.
import { z } from 'zod';
import { kinds } from '../domain/account.ts';
import { classes } from '../domain/united.ts';
import type { PlanItemView, PlanView } from '../domain/view.ts';

const count = z.number().int();
const seconds = z.number();
export const modeSchema = z.enum(['contain', 'continuity']);

const reasonSchema = z.object({ reason: z.string(), count, sample: z.array(z.string()), hint: z.string() }).meta({ id: 'ReasonCount' });

export const planSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    hash: z.string(),
    estate: z.string(),
    where: z.string(),
    reason: z.string(),
    incident: z.string().nullable(),
    mode: modeSchema,
    rollback: z.boolean(),
    createdAt: z.string(),
    createdBy: z.string(),
    expiresAt: z.string(),
    totals: z.object({
      selected: count,
      rotate: count,
      contain: count,
      byHand: count,
      blocked: count,
      skipped: count,
      tier0: count,
      consumers: count,
      unknownConsumers: count,
      oldKnown: count,
    }),
    waves: z.array(
      z.object({
        n: count,
        name: z.string(),
        mode: modeSchema,
        items: count,
        byHand: count,
        systems: z.array(z.object({ system: z.string(), items: count, seconds })),
        seconds,
      }),
    ),
    blockers: z.array(reasonSchema),
    notCovered: z.array(reasonSchema),
    warnings: z.array(z.string()),
    sync: z.array(
      z.object({
        name: z.string(),
        systems: z.array(z.object({ system: z.string(), takes: z.enum(['value', 'own']), policy: z.string() })),
        form: z
          .object({
            length: count,
            sets: z.object({ lower: z.string(), upper: z.string(), digit: z.string(), symbol: z.string() }),
            demanded: z.array(z.enum(classes)),
          })
          .nullable(),
        accounts: count,
        order: z.string(),
      }),
    ),
    people: z.object({ count, further: count, sample: z.array(z.string()) }),
    predicted: z.object({ seconds, low: seconds, high: seconds }),
    approvals: z.object({
      needed: count,
      given: z.array(z.object({ name: z.string(), method: z.string(), at: z.string() })),
      refused: z.array(z.object({ name: z.string(), reason: z.string(), at: z.string() })),
    }),
  })
  .meta({ id: 'Plan' }) satisfies z.ZodType<PlanView>;

export const planItemSchema = z
  .object({
    wave: count,
    system: z.string(),
    account: z.string(),
    action: z.enum(['rotate', 'contain', 'by-hand', 'blocked', 'skip']),
    reason: z.string().nullable(),
    byHand: z.string().nullable(),
    tier: count,
    kind: z.enum(kinds),
    owner: z.string().nullable(),
    consumers: count,
    oldKnown: z.boolean(),
    person: z.string().nullable(),
    sync: z.string().nullable(),
  })
  .meta({ id: 'PlanItem' }) satisfies z.ZodType<PlanItemView>;

export const planRequestSchema = z.strictObject({
  where: z.string().min(1).max(10_000).describe('Selector; `all` must be said, it is never implied.'),
  reason: z.string().trim().min(1).max(2000),
  incident: z.string().max(200).exactOptional(),
  mode: modeSchema.exactOptional(),
  name: z.string().max(100).exactOptional(),
  rollback: z.boolean().exactOptional(),
  expiresInHours: z.number().positive().max(8760).exactOptional(),
});
