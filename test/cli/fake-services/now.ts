// The first screen of the small house: its newest run, and what stands beside it.
import type { NowView, RunSystemView, TimelineView } from '../../../src/domain/now-view.ts';
import { isEnded } from '../../../src/domain/run.ts';
import type { Caller } from '../../../src/http/services.ts';
import { FakeItems } from './items.ts';
import { countsOf } from './run-view.ts';
import { at } from './state.ts';

export class FakeNow extends FakeItems {
  async now(caller: Caller): Promise<NowView> {
    const newest = [...this.runRows.values()].at(-1);
    const run = newest === undefined ? null : await this.run(caller, newest.id);
    const head = run === null ? null : { ...run, name: newest?.plan.name ?? '', incident: null, predicted: null };
    const total = newest?.items.length ?? 0;
    return {
      at,
      estate: {
        systems: 2,
        accounts: this.accountRows.length,
        discovered: 2,
        plans: this.planRows.size,
        runs: this.runRows.size,
        exposedLeft: this.accountRows.filter((a) => a.exposed).length,
      },
      run: head,
      active: head === null || isEnded(head.state) ? [] : [head],
      total,
      old: { opens: total - (newest?.settled ?? 0), refused: newest?.settled ?? 0 },
      tier0: null,
      sessions: null,
      waves: [],
      systems: run === null ? [] : await this.runSystems(caller, run.id),
      needs: [],
      consumers: { total: 0, adopted: 0, failed: 0 },
      people: { total: 0, done: 0, open: 0 },
      delivery: { people: 0, fetched: 0 },
      exposure: { firstDenied: null, p50: null, p95: null },
      timeline: [],
    };
  }
  async runSystems(_caller: Caller, id: string): Promise<readonly RunSystemView[]> {
    const { items, state } = this.runRow(id);
    return [
      {
        system: 'corp-ldap',
        tier: 2,
        total: items.length,
        counts: countsOf(items),
        old: {},
        parked: 0,
        state: isEnded(state) ? 'done' : 'running',
        reason: null,
        since: null,
        perSecond: 120,
      },
    ];
  }
  async runTimeline(_caller: Caller, id: string): Promise<readonly TimelineView[]> {
    const { state, startedAt } = this.runRow(id);
    return [{ at: startedAt, kind: 'run', text: `run ${state}`, by: 'alice' }];
  }
}
