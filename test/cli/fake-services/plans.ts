// Plans of the small house: two waves over what a selector names; what nobody owns is blocked.
import { createHash } from 'node:crypto';
import { Problem } from '../../../src/domain/problem.ts';
import type { AccountView, PlanItemView, PlanView } from '../../../src/domain/view.ts';
import type { Caller, Page, PlanRequest } from '../../../src/http/services.ts';
import { FakeInventory } from './inventory.ts';
import { at, paged } from './state.ts';

export class FakePlans extends FakeInventory {
  async createPlan(caller: Caller, request: PlanRequest): Promise<PlanView> {
    const accounts = this.select(request.where);
    const blocked = blockedOf(accounts);
    const id = `P-0000000${this.planRows.size + 1}`;
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
      totals: totalsOf(accounts),
      waves: wavesOf(accounts),
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
    this.planRows.set(id, plan);
    return plan;
  }

  async plans(_caller: Caller, page: Page) {
    return paged([...this.planRows.values()].reverse(), page);
  }

  async plan(_caller: Caller, id: string) {
    const plan = this.planRows.get(id);
    if (plan === undefined) throw new Problem('not-found', { message: `no plan ${id}`, hint: 'rekey plan ls' });
    return plan;
  }

  async planGraph(_caller: Caller, plan: string) {
    return { plan, collapsed: false, totals: { systems: 0, accounts: 0, consumers: 0 }, nodes: [], edges: [] };
  }

  async planItems(caller: Caller, id: string, page: Page) {
    const plan = await this.plan(caller, id);
    const items = this.select(plan.where).map((a, i): PlanItemView => {
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
}

const blockedOf = (accounts: readonly AccountView[]): number => accounts.filter((a) => a.blockers.length > 0).length;

function totalsOf(accounts: readonly AccountView[]): PlanView['totals'] {
  const blocked = blockedOf(accounts);
  return {
    selected: accounts.length,
    rotate: accounts.length - blocked,
    contain: 0,
    byHand: 0,
    blocked,
    skipped: 0,
    tier0: accounts.filter((a) => a.tier === 0).length,
    consumers: accounts.flatMap((a) => a.consumers).length,
    unknownConsumers: 2,
    oldKnown: accounts.filter((a) => a.exposed).length,
  };
}

function wavesOf(accounts: readonly AccountView[]): PlanView['waves'] {
  const rotate = accounts.length - blockedOf(accounts);
  if (rotate === 0) return [];
  const systems = [...new Set(accounts.map((a) => a.system))];
  return [
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
  ];
}
