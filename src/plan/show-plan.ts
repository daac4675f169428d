// Plans and their items as people and scripts read them. What is shown is what was hashed: an altered plan is refused here too.
import { normalId } from '../domain/id.ts';
import { Problem } from '../domain/problem.ts';
import type { Paged, PlanItemView, PlanView } from '../domain/view.ts';
import { type PlanHeader, readHeader } from './header.ts';
import { readItemLine } from './item-line.ts';
import type { PlanRecord, PlanStore } from './port.ts';

/** What the approvals of a plan look like now; wired to approve/. */
export type PlanSubject = {
  readonly id: string;
  readonly hash: string;
  readonly createdBy: string;
  readonly expiresAt: Date;
  readonly tier0: boolean;
};
export type ApprovalsOf = (plan: PlanSubject) => Promise<{
  readonly needed: number;
  readonly given: PlanView['approvals']['given'];
  readonly refused: readonly { readonly by: string; readonly reason: string; readonly at: Date }[];
}>;
export type ShowDeps = { readonly plans: PlanStore; readonly approvals: ApprovalsOf };

export function subjectOf(header: PlanHeader, hash: string): PlanSubject {
  return { id: header.id, hash, createdBy: header.createdBy, expiresAt: new Date(header.expiresAt), tier0: header.totals.tier0 > 0 };
}

/** Throws not-found or plan-tampered. */
export async function openPlan(plans: PlanStore, typed: string): Promise<{ record: PlanRecord; header: PlanHeader }> {
  const id = normalId(typed);
  const record = await plans.record(id);
  if (record === undefined) throw new Problem('not-found', { message: `there is no plan ${id}`, place: id, hint: 'rekey plan ls' });
  return { record, header: readHeader(record.header, record.hash, id) };
}

export async function viewOf(approvals: ApprovalsOf, header: PlanHeader, hash: string): Promise<PlanView> {
  const { apiVersion: _version, kind: _kind, systems: _systems, items: _items, playbook: _playbook, ...shown } = header;
  const { needed, given, refused } = await approvals(subjectOf(header, hash));
  return {
    ...shown,
    hash,
    approvals: {
      needed,
      given: given.map(({ name, method, at }) => ({ name, method, at })),
      refused: refused.map(({ by, reason, at }) => ({ name: by, reason, at: at.toISOString() })),
    },
  };
}

export async function showPlan(deps: ShowDeps, id: string): Promise<PlanView> {
  const { record, header } = await openPlan(deps.plans, id);
  return viewOf(deps.approvals, header, record.hash);
}

export async function listPlans(deps: ShowDeps, page: { readonly cursor?: string; readonly limit: number }): Promise<Paged<PlanView>> {
  const records = await deps.plans.records(page.limit + 1, page.cursor === undefined ? undefined : readCursor(page.cursor));
  const shown = records.slice(0, page.limit);
  const items: PlanView[] = [];
  for (const record of shown) items.push(await viewOf(deps.approvals, readHeader(record.header, record.hash, record.id), record.hash));
  const last = shown[shown.length - 1];
  return records.length > page.limit && last !== undefined ? { items, cursor: `${last.createdAt.getTime()}.${last.id}` } : { items };
}

export async function planItems(
  deps: Pick<ShowDeps, 'plans'>,
  id: string,
  page: { readonly cursor?: string; readonly limit: number; readonly wave?: number; readonly action?: PlanItemView['action'] },
): Promise<Paged<PlanItemView>> {
  const { header } = await openPlan(deps.plans, id);
  const after = page.cursor === undefined ? -1 : Number(page.cursor);
  if (!Number.isSafeInteger(after)) throw badCursor();
  const rows = await deps.plans.items(header.id, after, page.limit + 1, page);
  const shown = rows.slice(0, page.limit);
  const items = shown.map((row) => itemView(row.line));
  const last = shown[shown.length - 1];
  return rows.length > page.limit && last !== undefined ? { items, cursor: String(last.seq) } : { items };
}

function itemView(line: string): PlanItemView {
  const { wave, system, account, action, reason, byHand, tier, kind, owner, consumers, oldKnown, person, sync } = readItemLine(line);
  return { wave, system, account, action, reason, byHand, tier, kind, owner, consumers, oldKnown, person, sync };
}

function readCursor(cursor: string): { createdAt: Date; id: string } {
  const match = /^(\d{1,15})\.(P-[0-9A-Z]+)$/.exec(cursor);
  if (match === null) throw badCursor();
  return { createdAt: new Date(Number(match[1])), id: match[2]! };
}

function badCursor(): Problem {
  return new Problem('usage', { message: 'this cursor is not one of ours', place: 'cursor', hint: 'leave it out for the first page' });
}
