// Runs of the small house: started, steered and ended as the doors ask.
import { Problem } from '../../../src/domain/problem.ts';
import { endOf, isEnded } from '../../../src/domain/run.ts';
import type { RunView } from '../../../src/domain/view.ts';
import type { Caller, Page } from '../../../src/http/services.ts';
import { FakeApprovals } from './approvals.ts';
import { advance, countsOf, viewOf } from './run-view.ts';
import { at, paged, type Run } from './state.ts';

export class FakeRuns extends FakeApprovals {
  async startRun(caller: Caller, id: string, confirm?: string) {
    const plan = await this.plan(caller, id);
    this.calls.push(`startRun ${id} confirm=${confirm ?? ''}`);
    const wanted = plan.totals.tier0 > 0 || plan.totals.rotate > 1000 ? `${plan.name} ${plan.totals.rotate}` : undefined;
    if (wanted !== undefined && confirm !== wanted) {
      throw new Problem('confirmation-needed', {
        message: 'this plan needs its name and number typed',
        hint: `rekey apply ${id} --confirm "${wanted}"`,
      });
    }
    if (plan.approvals.given.length < plan.approvals.needed) {
      throw new Problem('approval-missing', {
        message: `${plan.approvals.given.length} of ${plan.approvals.needed} approvals`,
        hint: `rekey approve ${id} --as NAME --key FILE`,
      });
    }
    const run: Run = {
      id: `R-0000000${this.runRows.size + 1}`,
      plan,
      state: 'running',
      settled: 0,
      items: Array(plan.totals.rotate).fill('planned'),
      halt: null,
      startedAt: at,
      endedAt: null,
    };
    this.runRows.set(run.id, run);
    return viewOf(run);
  }

  async runs(_caller: Caller, page: Page) {
    return paged(
      [...this.runRows.values()].reverse().map((run) => viewOf(run)),
      page,
    );
  }

  protected runRow(id: string): Run {
    const run = this.runRows.get(id);
    if (run === undefined) throw new Problem('not-found', { message: `no run ${id}`, hint: 'rekey run ls' });
    return run;
  }

  async run(_caller: Caller, id: string) {
    const run = this.runRow(id);
    advance(run, this.options);
    return viewOf(run);
  }

  #halt(id: string, state: 'paused' | 'aborted', by: string, reason: string): RunView {
    const run = this.runRow(id);
    if (isEnded(run.state)) throw new Problem('conflict', { message: `run ${id} has ended: ${run.state}`, hint: `rekey run show ${id}` });
    run.state = state;
    run.halt = { by, reason, at };
    if (state === 'aborted') run.endedAt = at;
    return viewOf(run);
  }

  async pause(caller: Caller, id: string, reason: string) {
    this.calls.push(`pause ${id} ${reason}`);
    return this.#halt(id, 'paused', caller.name, reason);
  }

  async resume(_caller: Caller, id: string) {
    const run = this.runRow(id);
    this.calls.push(`resume ${id}`);
    if (run.state !== 'paused')
      throw new Problem('conflict', { message: `run ${id} is ${run.state}, not paused`, hint: `rekey run show ${id}` });
    run.state = 'running';
    run.halt = null;
    return viewOf(run);
  }

  async abort(caller: Caller, id: string, reason: string) {
    this.calls.push(`abort ${id} ${reason}`);
    return this.#halt(id, 'aborted', caller.name, reason);
  }

  async retry(_caller: Caller, id: string, states: readonly string[]) {
    const run = this.runRow(id);
    this.calls.push(`retry ${id} ${states.join(',')}`);
    run.items = run.items.map((state) => (states.includes(state) ? 'complete' : state));
    run.state = endOf(countsOf(run.items));
    return viewOf(run);
  }

  async signOff(_caller: Caller, id: string, request: { account: string; by: string; reason: string }) {
    this.calls.push(`signOff ${id} ${request.account} ${request.by}`);
    return this.run(_caller, id);
  }

  async except(_caller: Caller, id: string, request: { account: string; path?: string; owner: string; reason: string; expiresAt: string }) {
    this.calls.push(`except ${id} ${request.account} ${request.owner} ${request.expiresAt}`);
    return viewOf(this.runRow(id));
  }
}
