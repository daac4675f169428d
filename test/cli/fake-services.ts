// A small house behind the doors, for tests of the doors: stateful, deterministic, no store. A run moves forward each time it is looked at.
import { createHash } from 'node:crypto';
import { houseCaller } from '../../src/access/caller.ts';
import { approvalMessage } from '../../src/approve/message.ts';
import type { ApprovalView } from '../../src/domain/approval-view.ts';
import { type ItemState, isTerminal } from '../../src/domain/item.ts';
import type { NowView, RunSystemView, TimelineView } from '../../src/domain/now-view.ts';
import { verdictOf } from '../../src/domain/person.ts';
import { Problem } from '../../src/domain/problem.ts';
import { progressSums } from '../../src/domain/progress.ts';
import { endOf, isEnded, type RunState } from '../../src/domain/run.ts';
import type { AccountView, ItemView, Paged, PersonView, PlanItemView, PlanView, RunView } from '../../src/domain/view.ts';
import type { PasskeyRequest } from '../../src/http/approval-services.ts';
import type { Caller, Page, PlanRequest, Services } from '../../src/http/services.ts';

export type FakeOptions = {
  readonly accounts?: number;
  readonly tier0?: number;
  /** Items settled per look at the run. */
  readonly step?: number;
  /** How the first items end instead of `complete`. */
  readonly ends?: readonly ItemState[];
  readonly approvals?: number;
  readonly demo?: boolean;
  readonly names?: readonly string[];
  readonly expired?: boolean;
  /** Halts the run by this name after the first look. */
  readonly haltedBy?: string;
};

type Run = {
  id: string;
  plan: PlanView;
  state: RunState;
  settled: number;
  items: ItemState[];
  halt: RunView['halt'];
  startedAt: string;
  endedAt: string | null;
};
const at = '2026-11-20T09:00:00.000Z';

const lateClaim = {
  person: 'alice@corp.test',
  version: 2,
  state: 'expired' as const,
  setAt: at,
  until: null,
  revealedAt: null,
  reveals: 0,
};

export class FakeServices implements Services {
  /** Nothing is noticed: a test that needs changes gives its own. */
  readonly changes: Services['changes'] = { position: async () => '1-1', between: async () => [], ownOf: async () => [] };
  readonly estateName = 'acme';
  readonly demo: boolean;
  readonly calls: string[] = [];
  readonly options: { -readonly [Key in keyof Omit<FakeOptions, 'haltedBy'>]-?: FakeOptions[Key] } & Pick<FakeOptions, 'haltedBy'>;
  readonly #accounts: AccountView[];
  readonly #plans = new Map<string, PlanView>();
  readonly #runs = new Map<string, Run>();
  imported: { rows: number; bytes: number; failed: boolean } = { rows: 0, bytes: 0, failed: false };

  constructor(options: FakeOptions = {}) {
    this.options = { accounts: 30, tier0: 0, step: 10, ends: [], approvals: 0, demo: false, names: [], expired: false, ...options };
    this.demo = this.options.demo;
    this.#accounts = Array.from({ length: this.options.accounts }, (_, i) => this.#account(i));
  }

  #account(i: number): AccountView {
    const service = i % 10 === 0;
    const name = this.options.names[i] ?? `uid=${service ? 'svc' : 'p'}-${String(i).padStart(4, '0')},ou=people`;
    return {
      system: i % 3 === 0 ? 'corp-ldap' : 'orders-db',
      account: name,
      id: `id-${i}`,
      identity: service ? null : `person-${i}`,
      person: service ? null : `person-${i}`,
      personWhy: null,
      kind: service ? 'service' : 'human',
      owner: i === 7 ? null : 'alice@example.test',
      managed: 'enterprise',
      tier: i < this.options.tier0 ? 0 : 2,
      tags: [],
      privileged: false,
      shared: false,
      enabled: true,
      exposed: i % 2 === 0,
      lastChangedAt: at,
      version: 1,
      consumers: service
        ? [{ consumer: 'orders-api', store: 'file', ref: '/etc/orders.env', owner: 'bob@example.test', state: 'mapped' }]
        : [],
      blockers: i === 7 ? ['no-owner'] : [],
    };
  }

  #select(where: string): AccountView[] {
    if (where === 'all') return this.#accounts;
    const match = /^system = ([a-z-]+)$/.exec(where);
    if (match === null) {
      throw new Problem('invalid-selector', {
        place: 'where:1:1',
        message: `unknown field "${where.split(' ')[0]}"`,
        hint: 'fields: system, name, kind, owner, tier, tag, age',
      });
    }
    return this.#accounts.filter((account) => account.system === match[1]);
  }

  async *doctor(_caller: Caller, system?: string) {
    yield { system: system ?? 'estate', id: 'file', verdict: 'ok' as const, message: 'rekey.yaml is valid', next: null };
    yield { system: 'corp-ldap', id: 'reach', verdict: 'ok' as const, message: 'ldaps://ldap.example.test:636 answers', next: null };
    yield {
      system: 'orders-db',
      id: 'rights',
      verdict: 'fail' as const,
      message: 'the login may not ALTER ROLE',
      next: 'GRANT rekey_admin TO rekey',
    };
  }

  async *discover(_caller: Caller, system?: string) {
    for (const id of system === undefined ? ['corp-ldap', 'orders-db'] : [system]) {
      yield { system: id, found: 5, gone: 0, done: false };
      yield { system: id, found: 10, gone: 1, done: true };
    }
  }

  async import(
    _caller: Caller,
    kind: 'owners' | 'consumers' | 'exposed',
    csv: AsyncIterable<Uint8Array>,
    options: { partial: boolean; file: string },
  ) {
    this.calls.push(`import ${kind} partial=${options.partial}`);
    let newlines = 0;
    let bytes = 0;
    let bad = false;
    try {
      for await (const chunk of csv) {
        bytes += chunk.length;
        for (const byte of chunk) if (byte === 10) newlines += 1;
        bad ||= Buffer.from(chunk.subarray(0, 200)).includes('BAD');
      }
    } catch (error) {
      this.imported = { rows: newlines, bytes, failed: true };
      throw error;
    }
    const rows = newlines - 1;
    this.imported = { rows, bytes, failed: false };
    if (!bad) return { rows, imported: rows, problems: [] };
    const problems = [{ place: `${options.file}:2:1`, message: 'unknown system "BAD"', hint: 'systems: corp-ldap, orders-db' }];
    if (options.partial) return { rows, imported: rows - 1, problems };
    throw new Problem(
      'invalid-import',
      { place: problems[0]!.place, message: '1 bad row, nothing was imported', hint: '--partial imports the good rows' },
      problems,
    );
  }

  async accounts(_caller: Caller, query: Page & { where: string }) {
    return paged(this.#select(query.where), query);
  }

  async account(_caller: Caller, system: string, account: string) {
    const found = this.#accounts.find((a) => a.system === system && a.account === account);
    if (found === undefined)
      throw new Problem('not-found', { message: `no account ${system}/${account}`, hint: 'rekey account ls --where "system = ..."' });
    return found;
  }

  async createPlan(caller: Caller, request: PlanRequest): Promise<PlanView> {
    const accounts = this.#select(request.where);
    const blocked = accounts.filter((a) => a.blockers.length > 0).length;
    const id = `P-0000000${this.#plans.size + 1}`;
    const rotate = accounts.length - blocked;
    const systems = [...new Set(accounts.map((a) => a.system))];
    const plan: PlanView = {
      id,
      name: request.name ?? 'acme-1120',
      hash: createHash('sha256').update(id).digest('hex'),
      estate: this.estateName,
      where: request.where,
      reason: request.reason,
      incident: request.incident ?? null,
      mode: request.mode ?? 'continuity',
      rollback: request.rollback ?? false,
      createdAt: at,
      createdBy: caller.name,
      expiresAt: this.options.expired ? '2026-11-20T10:00:00.000Z' : '2126-11-21T09:00:00.000Z',
      totals: {
        selected: accounts.length,
        rotate,
        contain: 0,
        byHand: 0,
        blocked,
        skipped: 0,
        tier0: accounts.filter((a) => a.tier === 0).length,
        consumers: accounts.flatMap((a) => a.consumers).length,
        unknownConsumers: 2,
        oldKnown: accounts.filter((a) => a.exposed).length,
      },
      waves:
        rotate === 0
          ? []
          : [
              {
                n: 1,
                name: 'canary',
                mode: 'continuity',
                items: 1,
                byHand: 0,
                systems: [{ system: systems[0]!, items: 1, seconds: 1 }],
                seconds: 1,
              },
              {
                n: 2,
                name: 'tier 2',
                mode: 'continuity',
                items: rotate - 1,
                byHand: 0,
                systems: systems.map((system) => ({
                  system,
                  items: accounts.filter((a) => a.system === system && a.blockers.length === 0).length,
                  seconds: 30,
                })),
                seconds: 60,
              },
            ],
      blockers:
        blocked === 0
          ? []
          : [{ reason: 'no-owner', count: blocked, sample: ['orders-db/uid=p-0007,ou=people'], hint: 'rekey import owners owners.csv' }],
      notCovered: [{ reason: 'sessions-of-unlisted-apps', count: 3, sample: ['legacy-crm'], hint: 'add the system to rekey.yaml' }],
      warnings: ['2 credentials have unknown consumers'],
      sync: [],
      people: { count: 0, further: 0, sample: [] },
      predicted: { seconds: 61, low: 50, high: 80 },
      approvals: { needed: this.options.approvals, given: [], refused: [] },
    };
    this.#plans.set(id, plan);
    return plan;
  }

  async plans(_caller: Caller, page: Page) {
    return paged([...this.#plans.values()].reverse(), page);
  }

  async plan(_caller: Caller, id: string) {
    const plan = this.#plans.get(id);
    if (plan === undefined) throw new Problem('not-found', { message: `no plan ${id}`, hint: 'rekey plan ls' });
    return plan;
  }

  async accountCount(_caller: Caller, where: string) {
    return this.#select(where).length;
  }

  async *allAccounts(_caller: Caller, where: string) {
    yield* this.#select(where);
  }

  async accountRuns() {
    return [];
  }

  async systems() {
    return [];
  }

  async system(_caller: Caller, id: string): Promise<never> {
    throw new Problem('not-found', { message: `there is no system ${id}` });
  }

  async planGraph(_caller: Caller, plan: string) {
    return { plan, collapsed: false, totals: { systems: 0, accounts: 0, consumers: 0 }, nodes: [], edges: [] };
  }

  async planItems(caller: Caller, id: string, page: Page) {
    const plan = await this.plan(caller, id);
    const items = this.#select(plan.where).map((a, i): PlanItemView => {
      const blocked = a.blockers.length > 0;
      return {
        wave: i === 0 ? 1 : 2,
        system: a.system,
        account: a.account,
        action: blocked ? 'blocked' : 'rotate',
        reason: a.blockers[0] ?? null,
        byHand: null,
        tier: a.tier,
        kind: a.kind,
        owner: a.owner,
        consumers: a.consumers.length,
        person: a.person,
        sync: null,
        oldKnown: a.exposed,
      };
    });
    return paged(items, page);
  }

  async approvable(caller: Caller, id: string) {
    const { hash } = await this.plan(caller, id);
    return { id, hash, message: approvalMessage({ id, hash, estate: this.estateName }) };
  }

  async approve(caller: Caller, id: string, approval: { approver: string; signature: string }) {
    const plan = await this.plan(caller, id);
    if (!approval.signature.includes('BEGIN SSH SIGNATURE'))
      throw new Problem('not-permitted', { message: 'the signature is not one of alice', hint: 'sign with the key of rekey.yaml' });
    const next: PlanView = {
      ...plan,
      approvals: { ...plan.approvals, given: [...plan.approvals.given, { name: approval.approver, method: 'ssh', at }] },
    };
    this.#plans.set(id, next);
    return next;
  }

  async approvals(caller: Caller, query: Page & { state?: string }): Promise<Paged<ApprovalView>> {
    const views = [...this.#plans.values()].map((plan) => this.#approval(caller, plan));
    return paged(
      views.filter((view) => query.state === undefined || view.state === query.state),
      query,
    );
  }

  #approval(caller: Caller, plan: PlanView): ApprovalView {
    const { needed, given, refused } = plan.approvals;
    return {
      id: plan.id,
      kind: 'plan',
      name: plan.name,
      reason: plan.reason,
      hash: plan.hash,
      requestedBy: plan.createdBy,
      createdAt: plan.createdAt,
      expiresAt: plan.expiresAt,
      credentials: plan.totals.rotate,
      tier0: plan.totals.tier0 > 0,
      state: refused.length > 0 ? 'refused' : given.length < needed ? 'waiting' : 'approved',
      needed,
      given,
      refused,
      may: ['bob'],
      mine: plan.createdBy === caller.name,
      canGive: caller.name === 'bob',
    };
  }

  async askPasskey(caller: Caller, id: string): Promise<PasskeyRequest> {
    const options = { challenge: 'Y2g', rpId: 'rekey.example.test', timeout: 300_000, userVerification: 'required' as const };
    return { ...(await this.approvable(caller, id)), approver: caller.name, options: { ...options, allowCredentials: [] } };
  }

  async approveByPasskey(caller: Caller, id: string): Promise<PlanView> {
    const plan = await this.plan(caller, id);
    const given = [...plan.approvals.given, { name: caller.name, method: 'passkey', at }];
    const next = { ...plan, approvals: { ...plan.approvals, given } };
    this.#plans.set(plan.id, next);
    return next;
  }

  async refuse(caller: Caller, id: string, reason: string): Promise<ApprovalView> {
    this.calls.push(`refuse ${id}: ${reason}`);
    return this.#refusals(caller, id, [{ name: caller.name, reason, at }]);
  }

  async withdrawRefusal(caller: Caller, id: string): Promise<ApprovalView> {
    this.calls.push(`withdrawRefusal ${id}`);
    return this.#refusals(caller, id, []);
  }

  async #refusals(caller: Caller, id: string, refused: PlanView['approvals']['refused']): Promise<ApprovalView> {
    const plan = await this.plan(caller, id);
    const next = { ...plan, approvals: { ...plan.approvals, refused } };
    this.#plans.set(plan.id, next);
    return this.#approval(caller, next);
  }

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
      id: `R-0000000${this.#runs.size + 1}`,
      plan,
      state: 'running',
      settled: 0,
      items: Array(plan.totals.rotate).fill('planned'),
      halt: null,
      startedAt: at,
      endedAt: null,
    };
    this.#runs.set(run.id, run);
    return this.#view(run);
  }

  #advance(run: Run): void {
    if (run.state !== 'running') return;
    if (this.options.haltedBy !== undefined && run.settled > 0) {
      run.state = 'paused';
      run.halt = { by: this.options.haltedBy, reason: 'the failure budget of wave 2 is used up', at };
      return;
    }
    for (const last = Math.min(run.items.length, run.settled + this.options.step); run.settled < last; run.settled += 1) {
      run.items[run.settled] = this.options.ends[run.settled] ?? 'complete';
    }
    if (run.settled < run.items.length) return;
    run.state = endOf(countsOf(run.items));
    run.endedAt = '2026-11-20T09:01:00.000Z';
  }

  #view(run: Run): RunView {
    const counts = countsOf(run.items);
    const proved = (counts.complete ?? 0) * 2;
    const failed = counts.failed ?? 0;
    return {
      id: run.id,
      plan: run.plan.id,
      planHash: run.plan.hash,
      state: run.state,
      mode: run.plan.mode,
      startedAt: run.startedAt,
      endedAt: run.endedAt,
      startedBy: 'alice',
      halt: run.halt,
      counts,
      progress: progressOfItems(run.items),
      parked: counts['in-doubt'] ?? 0,
      cells: { proved, inferred: 0, residual: counts.residual ?? 0, notProved: failed, excepted: 0, signed: 0 },
      consumers: { adopted: 1 },
      waves: [
        { n: 1, name: 'canary', state: run.settled > 0 ? 'done' : 'running', reason: null, ...sumsOf(run.items.slice(0, 1)) },
        { n: 2, name: 'tier 2', state: isEnded(run.state) ? 'done' : 'running', reason: null, ...sumsOf(run.items.slice(1)) },
      ],
      systems: [{ system: 'corp-ldap', state: isEnded(run.state) ? 'done' : 'running', reason: null, perSecond: 120, concurrency: 8 }],
      exposure: {
        firstDenied: proved > 0 ? 2 : null,
        p50: proved > 0 ? 20 : null,
        p95: proved > 0 ? 50 : null,
        lastDenied: isEnded(run.state) ? 60 : null,
      },
      failures: failed > 0 ? [{ error: 'constraint violation (19)', count: failed, sample: ['corp-ldap/uid=svc-0000,ou=people'] }] : [],
    };
  }

  async runs(_caller: Caller, page: Page) {
    return paged(
      [...this.#runs.values()].reverse().map((run) => this.#view(run)),
      page,
    );
  }

  #run(id: string): Run {
    const run = this.#runs.get(id);
    if (run === undefined) throw new Problem('not-found', { message: `no run ${id}`, hint: 'rekey run ls' });
    return run;
  }

  async run(_caller: Caller, id: string) {
    const run = this.#run(id);
    this.#advance(run);
    return this.#view(run);
  }

  async now(caller: Caller): Promise<NowView> {
    const newest = [...this.#runs.values()].at(-1);
    const run = newest === undefined ? null : await this.run(caller, newest.id);
    const head = run === null ? null : { ...run, name: newest?.plan.name ?? '', incident: null, predicted: null };
    const total = newest?.items.length ?? 0;
    return {
      at,
      estate: {
        systems: 2,
        accounts: this.#accounts.length,
        discovered: 2,
        plans: this.#plans.size,
        runs: this.#runs.size,
        exposedLeft: this.#accounts.filter((a) => a.exposed).length,
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
    const { items, state } = this.#run(id);
    const counts: Partial<Record<ItemState, number>> = {};
    for (const each of items) counts[each] = (counts[each] ?? 0) + 1;
    return [
      {
        system: 'corp-ldap',
        tier: 2,
        total: items.length,
        counts,
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
    const { state, startedAt } = this.#run(id);
    return [{ at: startedAt, kind: 'run', text: `run ${state}`, by: 'alice' }];
  }
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
    const run = this.#run(id);
    const accounts = this.#select(run.plan.where).filter((a) => a.blockers.length === 0);
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
    const run = this.#run(id);
    const here = this.#select(run.plan.where).filter((a) => a.blockers.length === 0);
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

  #halt(id: string, state: 'paused' | 'aborted', by: string, reason: string): RunView {
    const run = this.#run(id);
    if (isEnded(run.state)) throw new Problem('conflict', { message: `run ${id} has ended: ${run.state}`, hint: `rekey run show ${id}` });
    run.state = state;
    run.halt = { by, reason, at };
    if (state === 'aborted') run.endedAt = at;
    return this.#view(run);
  }

  async pause(caller: Caller, id: string, reason: string) {
    this.calls.push(`pause ${id} ${reason}`);
    return this.#halt(id, 'paused', caller.name, reason);
  }

  async resume(_caller: Caller, id: string) {
    const run = this.#run(id);
    this.calls.push(`resume ${id}`);
    if (run.state !== 'paused')
      throw new Problem('conflict', { message: `run ${id} is ${run.state}, not paused`, hint: `rekey run show ${id}` });
    run.state = 'running';
    run.halt = null;
    return this.#view(run);
  }

  async abort(caller: Caller, id: string, reason: string) {
    this.calls.push(`abort ${id} ${reason}`);
    return this.#halt(id, 'aborted', caller.name, reason);
  }

  async retry(_caller: Caller, id: string, states: readonly string[]) {
    const run = this.#run(id);
    this.calls.push(`retry ${id} ${states.join(',')}`);
    run.items = run.items.map((state) => (states.includes(state) ? 'complete' : state));
    run.state = endOf(countsOf(run.items));
    return this.#view(run);
  }

  async signOff(_caller: Caller, id: string, request: { account: string; by: string; reason: string }) {
    this.calls.push(`signOff ${id} ${request.account} ${request.by}`);
    return this.run(_caller, id);
  }

  async except(_caller: Caller, id: string, request: { account: string; path?: string; owner: string; reason: string; expiresAt: string }) {
    this.calls.push(`except ${id} ${request.account} ${request.owner} ${request.expiresAt}`);
    return this.#view(this.#run(id));
  }

  async prove(caller: Caller, id: string) {
    return { run: await this.run(caller, id), size: 42, files: ['checkpoint', 'entries.jsonl', 'report.html'] };
  }

  async bundleArchive(_caller: Caller, run: string) {
    return { name: `rekey-${run}.tar`, content: archive() };
  }

  async bundle(_caller: Caller, id: string, file: string) {
    this.#run(id);
    if (!['checkpoint', 'entries.jsonl', 'report.html'].includes(file))
      throw new Problem('not-found', { message: `the bundle has no file ${file}` });
    return { name: file, content: chunks(`${file} of ${id}\n`) };
  }

  async reveal(_caller: Caller, system: string, account: string) {
    await this.account(houseCaller(''), system, account);
    return { secret: 'Correct-Horse-9', version: 2, until: null };
  }
  readonly delivery = { reRevealMs: 600_000 };
  async myClaims() {
    return { items: [] };
  }
  async myClaim() {
    return undefined;
  }
  async keep() {
    return true;
  }
  async accountClaims(_caller: Caller, system: string, account: string) {
    await this.account(houseCaller(''), system, account);
    return [lateClaim];
  }
  async reopenClaim(_caller: Caller, system: string, account: string) {
    await this.account(houseCaller(''), system, account);
    return { ...lateClaim, state: 'waiting' as const, until: '2026-11-24T09:00:00.000Z' };
  }
  async runClaims(_caller: Caller, run: string) {
    this.#run(run);
    return { counts: { waiting: 0, revealed: 0, used: 0, expired: 0, withdrawn: 0 }, items: [] };
  }
  async workloadCredential(proof: { token?: string }) {
    if (proof.token !== 'a-good-token')
      throw new Problem('not-signed-in', { message: 'the workload did not prove who it is', hint: 'send a token' });
    return { secret: 'Correct-Horse-9', version: 2, setAt: at };
  }

  #keys = ['k1'];
  async playbooks() {
    return [];
  }

  async playbook(_caller: Caller, id: string): Promise<never> {
    throw new Problem('not-found', { message: `there is no playbook ${id}`, hint: 'rekey.yaml has no "playbooks"' });
  }

  async approvePlaybook(caller: Caller, id: string): Promise<never> {
    return this.playbook(caller, id);
  }

  async askPlaybookPasskey(caller: Caller, id: string): Promise<never> {
    return this.playbook(caller, id);
  }

  async approvePlaybookByPasskey(caller: Caller, id: string): Promise<never> {
    return this.playbook(caller, id);
  }

  async fire(caller: Caller, id: string): Promise<never> {
    return this.playbook(caller, id);
  }

  async firing(caller: Caller, id: string): Promise<never> {
    return this.playbook(caller, id);
  }

  async notices() {
    return { items: [] };
  }

  async previewNotice() {
    return { subject: 'subject', text: 'text', html: '<p>html</p>' };
  }

  async testNotice() {
    return { sent: true, reason: null };
  }

  async estateFacts() {
    return {
      name: this.estateName,
      file: '/srv/rekey/rekey.yaml',
      store: { kind: 'embedded' as const, where: '/srv/rekey/.rekey/store' },
      keyring: 'file' as const,
      logKey: 'rekey/acme+00000000+key',
      approvals: { count: 1, tier0: 2, handover: 2, self: false },
      approvers: [],
      systems: [],
      sync: [],
    };
  }

  async changeKeyring(_caller: Caller, { turn, remove }: { turn: boolean; remove?: string }) {
    if (turn) this.#keys.unshift(`k${this.#keys.length + 1}`);
    const [current = ''] = this.#keys;
    if (remove === current) throw new Problem('conflict', { message: `"${remove}" is the current key.`, hint: 'Turn the keyring first.' });
    this.#keys = this.#keys.filter((key) => key !== remove);
    return { current, keys: this.#keys, rewrapped: turn ? 3 : 0 };
  }

  async handover(_caller: Caller, request: { run: string; where?: string; recipients: readonly string[] }) {
    this.#run(request.run);
    if (this.options.approvals > 0) {
      throw new Problem('approval-missing', {
        message: 'hand-over H-00000001 has 0 of 2 approvals',
        hint: 'rekey approve H-00000001 --as NAME --key FILE, then run this again',
      });
    }
    return { id: 'H-00000001', age: chunks('age-encryption.org/v1\n...') };
  }
}

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const progressOfItems = (items: readonly ItemState[]): RunView['progress'] =>
  progressSums(items.map((state) => ({ state, open: !isTerminal(state) && state !== 'in-doubt', n: 1 })));
const sumsOf = (items: readonly ItemState[]) => ({ counts: countsOf(items), progress: progressOfItems(items) });

function countsOf(items: readonly ItemState[]): Partial<Record<ItemState, number>> {
  const counts: Partial<Record<ItemState, number>> = {};
  for (const state of items) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function paged<T>(all: readonly T[], page: Page): Paged<T> {
  const from = Number(page.cursor ?? 0);
  const items = all.slice(from, from + page.limit);
  return from + page.limit < all.length ? { items, cursor: String(from + page.limit) } : { items };
}

async function* archive(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1024); // the end of an archive without files
}
