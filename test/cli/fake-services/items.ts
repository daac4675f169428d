// What a run of the small house did: its items, their log, and whose they are.
import type { TimelineView } from '../../../src/domain/now-view.ts';
import { verdictOf } from '../../../src/domain/person.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { ItemView, PersonView } from '../../../src/domain/view.ts';
import type { Caller, Page } from '../../../src/http/services.ts';
import { FakeRuns } from './runs.ts';
import { at, paged } from './state.ts';

export class FakeItems extends FakeRuns {
  async item(caller: Caller, id: string, system: string, account: string): Promise<ItemView> {
    const { items } = await this.items(caller, id, { limit: 1000 });
    const item = items.find((each) => each.system === system && (each.account === account || each.id === account));
    if (item === undefined) throw new Problem('not-found', { message: `run ${id} does not touch ${system}/${account}` });
    return item;
  }
  async itemLog(caller: Caller, id: string, system: string, account: string): Promise<readonly TimelineView[]> {
    const { state } = await this.item(caller, id, system, account);
    return [{ at, kind: 'item', text: `planned → ${state}`, by: null }];
  }
  async items(_caller: Caller, id: string, query: Page & { state?: string; wave?: number }) {
    const run = this.runRow(id);
    const accounts = this.select(run.plan.where).filter((a) => a.blockers.length === 0);
    const items = accounts
      .map((a, i): ItemView => {
        const state = run.items[i] ?? 'planned';
        const done = state === 'complete';
        return {
          system: a.system,
          account: a.account,
          id: a.id,
          credential: `${a.id}:password`,
          state,
          wave: i === 0 ? 1 : 2,
          version: done ? 2 : null,
          owner: a.owner,
          cells: done ? [{ path: 'bind', replica: 'ldap-1', verdict: 'proved', level: 'probed', code: '49', at }] : [],
          consumers: a.consumers.map((c) => ({ id: c.consumer, state: 'adopted', detail: null })),
          residual: state === 'residual' ? { until: '2026-11-20T19:00:00.000Z', why: 'access tokens live for 10 h' } : null,
          error: state === 'failed' ? 'constraint violation (19)' : null,
        };
      })
      .filter(
        (item) => (query.state === undefined || item.state === query.state) && (query.wave === undefined || item.wave === query.wave),
      );
    return paged(items, query);
  }

  async people(_caller: Caller, id: string, query: Page & { person?: string }) {
    const run = this.runRow(id);
    const here = this.select(run.plan.where).filter((a) => a.blockers.length === 0);
    const noCells = { proved: 0, inferred: 0, residual: 0, notProved: 0, excepted: 0 };
    const people = here.flatMap((a, i): PersonView[] => {
      if (a.person === null || (query.person !== undefined && a.person !== query.person)) return [];
      const state = run.items[i] ?? 'planned';
      const verdict = verdictOf(state, run.state === 'running');
      const cells = { ...noCells, proved: verdict === 'done' ? 2 : 0 };
      const account = {
        system: a.system,
        account: a.account,
        id: a.id,
        state,
        verdict,
        wave: 2,
        sync: null,
        cells,
        residualUntil: null,
        error: null,
      };
      const leftOut = [{ system: 'orders-db', account: `${a.person}\u001b[2J`, why: 'not in this run' }];
      return [{ person: a.person, verdict, done: verdict === 'done', cells, residualUntil: null, sync: [], accounts: [account], leftOut }];
    });
    return paged(people, query);
  }
}
