// What the world outside is told of. Names are fixed: receivers switch on them.

export const outsideEvents = [
  'plan.made',
  'plan.approved',
  'plan.refused',
  'plan.expired',
  'run.started',
  'run.paused',
  'run.resumed',
  'run.aborted',
  'run.complete',
  'run.residual',
  'run.incomplete',
  'run.unknown',
  'wave.running',
  'wave.done',
  'system.halted',
  'trigger.fired',
] as const;
export type OutsideEvent = (typeof outsideEvents)[number];
