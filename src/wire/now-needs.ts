// What waits for a person, worst first: each with why, since when, by whom, and what ends it.
import { type Caller, reachFor } from '../access/caller.ts';
import type { NeedView, NowView, RunSystemView } from '../domain/now-view.ts';
import type { RunHead, Tally } from '../store/now.ts';
import type { UnsignedPlan, Waiting } from '../store/now-needs.ts';
import { isParked, sum } from './run-sums.ts';

const nothing = { why: null, since: null, by: null, count: 1, mine: false, plan: null, run: null, system: null, state: null } as const;

export function runNeeds(run: RunHead, tally: readonly Tally[], waves: NowView['waves'], systems: readonly RunSystemView[]): NeedView[] {
  const needs: NeedView[] = [];
  const of = { ...nothing, run: run.id };
  if (run.state === 'paused' && run.halt !== null)
    needs.push({
      ...of,
      kind: 'paused',
      what: 'The run is paused',
      why: run.halt.reason,
      since: run.halt.at,
      by: run.halt.by,
      ends: `an operator resumes it: rekey run resume ${run.id}`,
    });
  for (const wave of waves)
    if (wave.state === 'held')
      needs.push({
        ...of,
        kind: 'held',
        what: `Wave ${wave.n} (${wave.name}) is held`,
        why: wave.reason,
        ends: `rekey run resume ${run.id}`,
      });
  for (const { system, state, reason, since, parked } of systems)
    if (state === 'halted')
      needs.push({
        ...of,
        kind: 'halted',
        what: `${system} is halted`,
        why: reason,
        since,
        by: 'breaker',
        ends: `mend it, then rekey run retry ${run.id}`,
        count: Math.max(1, parked),
        system,
      });
  const doubt = tally.filter((row) => !row.open && (row.state === 'in-doubt' || row.state === 'sent'));
  if (doubt.length > 0)
    needs.push({
      ...of,
      kind: 'in-doubt',
      what: 'Nobody knows which secret opens them',
      why: 'no answer came after the write, and probes could not tell',
      since: earliest(doubt),
      ends: `reach the target, then rekey run retry ${run.id} --state in-doubt`,
      count: sum(doubt),
      state: 'in-doubt',
    });
  const stopped = tally.filter((row) => isParked(row) && row.state !== 'in-doubt' && row.state !== 'sent');
  const parkedElsewhere = stopped.filter((row) => systems.find((each) => each.system === row.system)?.state !== 'halted');
  if (parkedElsewhere.length > 0)
    needs.push({
      ...of,
      kind: 'parked',
      what: 'Stopped half-way',
      why: 'see the grouped failures of the run',
      since: earliest(parkedElsewhere),
      ends: `mend the cause, then rekey run retry ${run.id}`,
      count: sum(parkedElsewhere),
    });
  const failed = tally.filter((row) => row.state === 'failed' || row.state === 'rolled-back');
  const failedElsewhere = failed.filter((row) => systems.find((each) => each.system === row.system)?.state !== 'halted');
  if (failedElsewhere.length > 0)
    needs.push({
      ...of,
      kind: 'failed',
      what: 'Failed: their old secret still works',
      why: 'see the grouped failures of the run',
      since: earliest(failedElsewhere),
      ends: `mend the cause, then rekey run retry ${run.id} --state failed`,
      count: sum(failedElsewhere),
      state: 'failed',
    });
  return needs;
}

export function planNeeds(
  caller: Caller,
  plans: readonly UnsignedPlan[],
  rules: { count: number; tier0: number; self: boolean },
): NeedView[] {
  const may = reachFor(caller, 'plan.approve') !== undefined;
  return plans.flatMap((plan) => {
    const needed = plan.tier0 > 0 ? Math.max(rules.count, rules.tier0) : rules.count;
    const missing = needed - plan.given.length;
    if (missing <= 0) return [];
    const mine = may && !plan.given.includes(caller.name) && (rules.self || plan.createdBy !== caller.name);
    return [
      {
        ...nothing,
        kind: 'approve' as const,
        what: `${plan.name} needs ${missing} more ${missing === 1 ? 'approval' : 'approvals'}`,
        why: plan.given.length === 0 ? 'nobody has signed' : `signed by ${plan.given.join(', ')}`,
        since: plan.createdAt.toISOString(),
        by: plan.createdBy,
        ends: `${missing === 1 ? 'a signature' : `${missing} signatures`} before ${plan.expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
        mine,
        plan: plan.id,
      },
    ];
  });
}

/** Tasks by hand and failing consumers, per owner. */
export function ownerNeeds(caller: Caller, run: string, kind: 'by-hand' | 'consumer', rows: readonly Waiting[]): NeedView[] {
  return rows.map(({ what, owner, n, since }) => ({
    ...nothing,
    kind,
    what: kind === 'by-hand' ? `Tasks by hand on ${what}` : `${what} failed on the new secret`,
    since: since?.toISOString() ?? null,
    by: owner,
    ends: kind === 'by-hand' ? 'their owner does them and signs' : `its owner mends it, then rekey run retry ${run}`,
    count: n,
    mine: owner !== null && owner === caller.identity,
    run,
    system: kind === 'by-hand' ? what : null,
    state: kind === 'by-hand' ? ('by-hand' as const) : null,
  }));
}

function earliest(rows: readonly Tally[]): string | null {
  const times = rows.flatMap(({ since }) => (since === null ? [] : [since.getTime()]));
  return times.length === 0 ? null : new Date(Math.min(...times)).toISOString();
}
