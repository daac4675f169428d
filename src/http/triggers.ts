// The door for SOAR: fires a playbook within its cap and says how far the proof is. Playbooks are read and signed here, too.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { itemStates } from '../domain/item.ts';
import { parameterNames } from '../domain/selector/bind.ts';
import type { Api, Door } from './door.ts';
import { passkeyBody, passkeyRequestSchema } from './passkey-answer.ts';
import { plain } from './plain.ts';
import { modeSchema } from './plan-schema.ts';
import { problemReplies } from './problem-reply.ts';
import type { FiringView, PlaybookView } from './trigger-services.ts';

const count = z.number().int();
const playbookSchema = z
  .object({
    id: z.string(),
    where: z.string(),
    mode: modeSchema,
    reason: z.string(),
    parameters: z.array(z.enum(parameterNames)),
    cap: z.object({ credentials: count, systems: count, tier0: count }),
    cooldownSeconds: count,
    hash: z.string(),
    message: z.string(),
    preApproved: z
      .object({
        by: z.array(z.string()),
        until: z.string(),
        needed: count,
        given: z.array(z.object({ name: z.string(), method: z.string(), at: z.string() })),
        inForce: z.boolean(),
        may: z.array(z.string()),
        canGive: z.boolean(),
      })
      .nullable(),
  })
  .meta({ id: 'Playbook' }) satisfies z.ZodType<PlaybookView>;
const firingSchema = z
  .object({
    id: z.string(),
    playbook: z.string(),
    incident: z.string(),
    firedBy: z.string(),
    at: z.string(),
    plan: z.string().nullable(),
    run: z.string().nullable(),
    state: z.enum(['running', 'paused', 'aborted', 'complete', 'residual', 'incomplete', 'evaluating', 'over-cap', 'waits-for-approval']),
    why: z.string().nullable(),
    proof: z
      .object({ proved: count, open: count, residual: count, excepted: count, counts: z.partialRecord(z.enum(itemStates), count) })
      .nullable(),
  })
  .meta({ id: 'Firing' }) satisfies z.ZodType<FiringView>;
const playbookParams = z.strictObject({ playbook: z.string().min(1).max(63) });
const value = z.string().min(1).max(2000).exactOptional();

export function triggerRoutes(api: Api, { services, caller }: Door): void {
  api.get(
    '/v1/playbooks',
    {
      config: { needs: 'plan.read' },
      schema: {
        operationId: 'listPlaybooks',
        summary: 'The playbooks of the estate file, and whether each is approved in advance',
        response: { 200: z.object({ items: z.array(playbookSchema) }), ...problemReplies },
      },
    },
    async (request) => ({ items: plain(await services.playbooks(caller(request))) }),
  );

  api.get(
    '/v1/playbooks/:playbook',
    {
      config: { needs: 'plan.read' },
      schema: {
        operationId: 'getPlaybook',
        summary: 'One playbook, with the exact text to sign',
        params: playbookParams,
        response: { 200: playbookSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.playbook(caller(request), request.params.playbook)),
  );

  api.post(
    '/v1/playbooks/:playbook/approvals',
    {
      config: { needs: 'plan.approve' },
      schema: {
        operationId: 'approvePlaybook',
        summary: 'Adds a signature to a playbook; it is void as soon as the playbook’s text changes',
        params: playbookParams,
        body: z.strictObject({ approver: z.string().min(1).max(200), signature: z.string().min(1).max(20_000) }),
        response: { 200: playbookSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.approvePlaybook(caller(request), request.params.playbook, request.body)),
  );

  api.post(
    '/v1/playbooks/:playbook/passkey/options',
    {
      config: { needs: 'plan.approve' },
      schema: {
        operationId: 'askPlaybookPasskey',
        summary: "What to ask the caller's passkey to sign a playbook in advance, and the text that it signs",
        params: playbookParams,
        response: { 200: passkeyRequestSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.askPlaybookPasskey(caller(request), request.params.playbook)),
  );

  api.post(
    '/v1/playbooks/:playbook/passkey',
    {
      config: { needs: 'plan.approve' },
      schema: {
        operationId: 'approvePlaybookByPasskey',
        summary: "Adds the caller's passkey to a playbook; it is void as soon as the playbook's text changes",
        params: playbookParams,
        body: passkeyBody,
        response: { 200: playbookSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.approvePlaybookByPasskey(caller(request), request.params.playbook, request.body.response)),
  );

  api.post(
    '/v1/triggers/:playbook',
    {
      config: { needs: 'trigger.fire' },
      schema: {
        operationId: 'firePlaybook',
        summary:
          'Fires a playbook: plans, holds the plan against the cap, starts it where it is approved in advance. Code `guardrail` when the cap is passed: the plan then waits for people.',
        params: playbookParams,
        body: z.strictObject({
          parameters: z.strictObject({ account: value, system: value, identity: value }).default({}),
          incident: z.string().trim().min(1).max(200),
          reason: z.string().trim().min(1).max(1000),
        }),
        response: { 200: firingSchema, ...problemReplies },
      },
    },
    async (request) => {
      const key = request.headers['idempotency-key'];
      const call = { ...request.body, key: typeof key === 'string' && key !== '' ? key : randomUUID() };
      return plain(await services.fire(caller(request), request.params.playbook, call));
    },
  );

  api.get(
    '/v1/triggers/:playbook/:id',
    {
      config: { needs: 'trigger.fire' },
      schema: {
        operationId: 'getFiring',
        summary: 'What a trigger started, and how far the proof is',
        params: playbookParams.extend({ id: z.string().min(1).max(64) }),
        response: { 200: firingSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.firing(caller(request), request.params.playbook, request.params.id)),
  );
}
