// The bytes of a system on the wire. Where a secret lives is said by kind only: no variable, no path, no address of it.
import { z } from 'zod';
import { kinds } from '../domain/account.ts';
import type { SystemDetail, SystemView } from '../domain/system-view.ts';

const count = z.number().int();
const lane = z.enum(['waiting', 'running', 'halted', 'done']);
const trouble = z.object({ run: z.string(), wave: count, state: lane, reason: z.string().nullable(), since: z.string().nullable() });

export const systemSchema = z
  .object({
    system: z.string(),
    connector: z.string(),
    title: z.string(),
    role: z.enum(['system', 'store', 'path', 'removed']),
    tier: count,
    owner: z.string().nullable(),
    accounts: z.object({ count, withoutOwner: count, exposed: count, privileged: count }),
    discovery: z.object({ startedAt: z.string(), endedAt: z.string().nullable(), found: count }).nullable(),
    trouble: trouble.nullable(),
  })
  .meta({ id: 'System' }) satisfies z.ZodType<SystemView>;

export const systemDetailSchema = systemSchema
  .extend({
    limits: z
      .object({ concurrency: count, perSecond: z.number().nullable(), timeoutMs: count.nullable(), fromEstate: z.array(z.string()) })
      .nullable(),
    secrets: z.array(z.object({ key: z.string(), from: z.enum(['environment', 'file', 'command', 'vault']) })),
    canary: z.object({ account: z.string(), secretKnown: z.boolean(), found: z.boolean() }).nullable(),
    policy: z.object({
      readAt: z.string().nullable(),
      stated: z.boolean(),
      rows: z.array(
        z.object({
          rule: z.enum(['length', 'classes', 'exclude', 'history', 'min-age']),
          target: z.string().nullable(),
          estate: z.string().nullable(),
          verdict: z.enum(['agrees', 'stricter', 'looser', 'target-only', 'estate-only', 'conflict']),
        }),
      ),
      conflict: z.string().nullable(),
    }),
    paths: z.array(
      z.object({
        id: z.string(),
        probe: z.string(),
        own: z.boolean(),
        replicas: z.array(
          z.object({
            replica: z.string(),
            verdict: z.enum(['proved', 'residual', 'not-proved', 'inferred', 'excepted', 'signed']),
            level: z.enum(['probed', 'state+canary', 'state', 'canary', 'owner', 'none']),
            code: z.string(),
            at: z.string(),
          }),
        ),
        counted: count.nullable(),
      }),
    ),
    capabilities: z.array(z.object({ capability: z.string(), can: z.boolean(), why: z.string().nullable(), rights: z.array(z.string()) })),
    derivatives: z.array(z.object({ what: z.string(), killedBy: z.string(), residual: z.string() })),
    kinds: z.array(z.object({ kind: z.enum(kinds), count })),
    lanes: z.array(trouble.extend({ perSecond: z.number().nullable(), concurrency: z.number().nullable() })),
  })
  .meta({ id: 'SystemDetail' }) satisfies z.ZodType<SystemDetail>;
