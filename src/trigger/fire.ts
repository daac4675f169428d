// Fires a playbook: parameters bound as values, one plan, the cap, then a run where people approved it in advance. A repeated call starts nothing twice.
import { entryLine } from '../domain/entry.ts';
import { canonical } from '../domain/json.ts';
import { Problem } from '../domain/problem.ts';
import type { Mode } from '../domain/run.ts';
import { bindSelector, type ParameterName, type Parameters } from '../domain/selector/bind.ts';
import type { Cap, PlaybookSpec } from '../estate/playbook-spec.ts';
import { overCap } from './over-cap.ts';
import type { Firing, FiringStore } from './port.ts';

export type Call = { readonly parameters: Parameters; readonly incident: string; readonly reason: string; readonly key: string };
export type Fire = {
  readonly store: FiringStore;
  readonly createPlan: (request: {
    readonly where: string;
    readonly reason: string;
    readonly incident: string;
    readonly mode: Mode;
    readonly playbook: { readonly id: string; readonly hash: string; readonly parameters: Parameters };
  }) => Promise<string>;
  readonly sizeOf: (plan: string) => Promise<Cap>;
  /** Starts the plan where it is approved in advance; else leaves it to people. */
  readonly start: (firing: Firing, plan: string) => Promise<void>;
  readonly newId: () => string;
  readonly now: () => Date;
};

/** Planning over a million accounts takes less; a process that died in between is followed by the caller's next attempt. */
const holdMs = 120_000;

export async function fire(deps: Fire, playbook: PlaybookSpec, call: Call, by: string): Promise<string> {
  const parameters = checked(playbook, call.parameters);
  const request = canonical({ parameters, incident: call.incident, reason: call.reason });
  const now = deps.now();
  const { firing, mine } = await deps.store.begin(
    {
      id: deps.newId(),
      playbook: playbook.id,
      playbookHash: playbook.hash,
      callKey: call.key,
      request,
      by,
      incident: call.incident,
      createdAt: now,
    },
    now,
    new Date(now.getTime() + holdMs),
  );
  if (firing.request !== request || firing.by !== by)
    throw new Problem('conflict', {
      message: `this Idempotency-Key was used for another call of ${playbook.id}`,
      place: firing.id,
      hint: 'send a key of its own with each incident',
    });
  if (!mine)
    throw new Problem('conflict', {
      message: `${firing.id} is still being evaluated`,
      place: firing.id,
      hint: 'send the same call again in a minute',
    });
  try {
    await evaluate(deps, playbook, call, { firing, parameters });
  } finally {
    await deps.store.letGo(firing.id);
  }
  return firing.id;
}

type Taken = { readonly firing: Firing; readonly parameters: Parameters };

async function evaluate(deps: Fire, playbook: PlaybookSpec, call: Call, { firing, parameters }: Taken): Promise<void> {
  if (firing.run !== null) return;
  let { plan, over } = firing;
  if (plan === null) {
    await assertRested(deps, playbook, firing);
    plan = await deps.createPlan({
      where: bindSelector(playbook.where, parameters),
      reason: `${playbook.reason}: ${call.reason}`,
      incident: call.incident,
      mode: playbook.mode,
      playbook: { id: playbook.id, hash: playbook.hash, parameters },
    });
    over = overCap(await deps.sizeOf(plan), playbook.cap) ?? null;
    const about = { trigger: firing.id, playbook: playbook.id, playbookHash: playbook.hash, plan, by: firing.by, incident: call.incident };
    await deps.store.planned(firing, plan, over, entryLine('trigger', deps.now(), { ...about, over: over ?? undefined }));
  }
  if (over !== null)
    throw new Problem('guardrail', {
      message: `${firing.id}: the plan ${plan} passes the cap of ${playbook.id}: ${over}`,
      place: plan,
      hint: `nothing was started; people may look at it and approve it: rekey plan show ${plan}`,
    });
  await deps.start(firing, plan);
}

async function assertRested(deps: Fire, playbook: PlaybookSpec, firing: Firing): Promise<void> {
  if (playbook.cooldownMs === 0) return;
  const earlier = await deps.store.earlier(firing, new Date(deps.now().getTime() - playbook.cooldownMs));
  if (earlier === undefined) return;
  throw new Problem('guardrail', {
    message: `${playbook.id} was fired for the same at ${earlier.createdAt.toISOString()} (${earlier.id}) and rests for ${playbook.cooldownMs / 60_000} minutes`,
    place: earlier.id,
    hint: `look at that one first: GET /v1/triggers/${playbook.id}/${earlier.id}`,
  });
}

/** Exactly the parameters the playbook names: one that is ignored would let a caller believe in a narrower scope. */
function checked(playbook: PlaybookSpec, given: Parameters): Parameters {
  const names = Object.keys(given) as ParameterName[]; // own keys of the body that the schema let through
  const strange = names.find((name) => !playbook.parameters.includes(name));
  const missing = playbook.parameters.find((name) => given[name] === undefined);
  if (strange === undefined && missing === undefined) return given;
  throw new Problem('usage', {
    message: missing === undefined ? `${playbook.id} has no parameter ${strange}` : `${playbook.id} needs the parameter ${missing}`,
    place: `parameters.${missing ?? strange}`,
    hint: playbook.parameters.length === 0 ? 'it takes none' : `send ${playbook.parameters.join(', ')}`,
  });
}
