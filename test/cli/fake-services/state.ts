// What the small house behind the doors remembers: accounts, plans, runs and what was asked of it.
import type { ItemState } from '../../../src/domain/item.ts';
import type { RunState } from '../../../src/domain/run.ts';
import type { Paged, PlanView, RunView } from '../../../src/domain/view.ts';
import type { Page } from '../../../src/http/services.ts';

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
export type AllOptions = { -readonly [Key in keyof Omit<FakeOptions, 'haltedBy'>]-?: FakeOptions[Key] } & Pick<FakeOptions, 'haltedBy'>;

export type Run = {
  id: string;
  plan: PlanView;
  state: RunState;
  settled: number;
  items: ItemState[];
  halt: RunView['halt'];
  startedAt: string;
  endedAt: string | null;
};

/** When everything happens here. */
export const at = '2026-11-20T09:00:00.000Z';

export abstract class FakeState {
  readonly estateName = 'acme';
  readonly demo: boolean;
  readonly calls: string[] = [];
  readonly options: AllOptions;
  protected readonly planRows = new Map<string, PlanView>();
  protected readonly runRows = new Map<string, Run>();

  constructor(options: FakeOptions = {}) {
    this.options = { accounts: 30, tier0: 0, step: 10, ends: [], approvals: 0, demo: false, names: [], expired: false, ...options };
    this.demo = this.options.demo;
  }
}

export function paged<T>(all: readonly T[], page: Page): Paged<T> {
  const from = Number(page.cursor ?? 0);
  const items = all.slice(from, from + page.limit);
  return from + page.limit < all.length ? { items, cursor: String(from + page.limit) } : { items };
}
