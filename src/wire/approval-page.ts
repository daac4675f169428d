// One page of what waits for approval: rows come by key, and what each of them lacks is known only once its signatures were checked.
import type { Subject } from '../approve/subject.ts';
import type { ApprovalState, ApprovalView } from '../domain/approval-view.ts';
import { Problem } from '../domain/problem.ts';
import type { Paged } from '../domain/view.ts';
import type { Approvable, ApprovablesQuery } from '../store/approvables.ts';

export type Told = {
  /** A playbook has a page of its own. */
  readonly subject: Subject & { readonly kind: 'plan' | 'handover' };
  readonly createdAt: Date;
  readonly name: string;
  readonly reason: string;
  readonly credentials: number | null;
  readonly used: boolean;
};

/** So many rows are looked at for one page, however few of them are in the wanted state: a request stays short. */
const mostLooked = 500;

export async function approvalPage(
  read: (page: Omit<ApprovablesQuery, 'now'>) => Promise<readonly Approvable[]>,
  view: (id: string) => Promise<ApprovalView>,
  { cursor, limit, state }: { readonly cursor?: string; readonly limit: number; readonly state?: ApprovalState },
): Promise<Paged<ApprovalView>> {
  const items: ApprovalView[] = [];
  let before = cursor === undefined ? undefined : readCursor(cursor);
  for (let looked = 0; ; ) {
    const rows = await read({ ...(before === undefined ? {} : { before }), limit: limit + 1, among: amongOf(state) });
    for (const row of rows.slice(0, limit)) {
      if (items.length === limit || looked === mostLooked) return { items, cursor: cursorOf(before) };
      const seen = await view(row.id);
      looked += 1;
      before = row;
      if (state === undefined || seen.state === state) items.push(seen);
    }
    if (rows.length <= limit) return { items };
    if (items.length === limit) return { items, cursor: cursorOf(before) };
  }
}

function amongOf(state: ApprovalState | undefined): ApprovablesQuery['among'] {
  switch (state) {
    case undefined:
      return 'all';
    case 'used':
    case 'expired':
      return state;
    case 'waiting':
    case 'approved':
    case 'refused':
      return 'open';
  }
}

type Before = NonNullable<ApprovablesQuery['before']>;
const cursorOf = (before: Before | undefined): string => (before === undefined ? '' : `${before.createdAt.getTime()}.${before.id}`);

function readCursor(cursor: string): Before {
  const match = /^(\d{1,15})\.([PH]-[0-9A-Z]+)$/.exec(cursor);
  if (match?.[2] === undefined)
    throw new Problem('usage', { message: 'this cursor is not one of ours', place: 'cursor', hint: 'leave it out for the first page' });
  return { createdAt: new Date(Number(match[1])), id: match[2] };
}
