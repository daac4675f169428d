// The body of a signed event: facts with fixed names, small, no secret. Canonical, so that what is signed is what is sent.
import type { Event, PlanFacts } from './port.ts';

export type EventBody = {
  readonly type: string;
  readonly timestamp: string;
  readonly data: { readonly [key: string]: unknown };
};

export function eventBody(event: Event, plan: PlanFacts, estate: string, demo: boolean): EventBody {
  return {
    type: event.kind,
    timestamp: event.at.toISOString(),
    data: {
      estate,
      ...(demo ? { demo } : {}),
      plan: plan.id,
      name: plan.name,
      incident: plan.incident,
      run: event.run ?? plan.run?.id ?? null,
      ...event.detail,
      ...(event.run === null ? {} : { counts: plan.counts }),
    },
  };
}
