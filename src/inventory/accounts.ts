// The inventory as people and scripts read it: one account by any of its names, or pages of those a selector names.

import { Problem } from '../domain/problem.ts';
import type { AccountRunView, AccountView, Paged } from '../domain/view.ts';
import { didYouMean } from '../estate/did-you-mean.ts';
import { blockersOf } from './ownership.ts';
import type { AccountRow, Condition, Inventory, Order, Position } from './port.ts';

export type AccountDeps = {
  readonly inventory: Pick<Inventory, 'accounts' | 'systems'>;
  /** compileSelector of domain/selector/compile.ts. */
  readonly compile: (text: string, options: { readonly firstParam: number; readonly now: Date }) => Condition;
  now(): Date;
};

const mostRows = 1000;

export async function accounts(
  deps: AccountDeps,
  query: { readonly where: string; readonly cursor?: string; readonly limit: number; readonly sort?: Order },
): Promise<Paged<AccountView>> {
  const limit = Math.min(mostRows, Math.max(1, Math.floor(query.limit)));
  const condition = deps.compile(query.where, { firstParam: 1, now: deps.now() });
  const after = query.cursor === undefined ? undefined : positionOf(query.cursor, query.sort);
  const rows = await deps.inventory.accounts.page(condition, after, limit + 1, query.sort);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items: items.map(viewOf), ...(rows.length > limit && last ? { cursor: cursorOf(last, query.sort) } : {}) };
}

export async function accountCount(deps: AccountDeps, where: string): Promise<number> {
  return deps.inventory.accounts.count(deps.compile(where, { firstParam: 1, now: deps.now() }));
}

/** Enough for a year of weekly resets. */
const mostRuns = 100;

export async function accountRuns(
  deps: Pick<AccountDeps, 'inventory'>,
  system: string,
  account: string,
): Promise<readonly AccountRunView[]> {
  return deps.inventory.accounts.runs(await resolveAccount(deps, system, account), mostRuns);
}

export async function accountView(deps: Pick<AccountDeps, 'inventory'>, system: string, account: string): Promise<AccountView> {
  return viewOf(await accountRow(deps, system, account));
}

/** Key of the one account that has this name, login, id or locator in the system. */
export async function resolveAccount(deps: Pick<AccountDeps, 'inventory'>, system: string, account: string): Promise<string> {
  const { accounts: store, systems } = deps.inventory;
  const reference = { system, account };
  // An account that is gone is still shown, but never in the place of one that is there.
  for (const gone of [false, true]) {
    const [match = []] = await store.match([reference], gone);
    const [key] = match;
    if (match.length > 1) {
      const hint = `give its id or its full name: \`rekey account ls --where "system = ${system}"\` shows them`;
      throw new Problem('conflict', { message: `${system}/${account} names ${match.length} accounts`, hint });
    }
    if (key !== undefined) return key;
  }
  const known = (await systems.list()).filter((s) => s.role !== 'store').map((s) => s.id);
  if (!known.includes(system))
    throw new Problem('not-found', {
      message: `there is no system ${JSON.stringify(system.slice(0, 80))} with accounts`,
      hint: didYouMean(system, known) ?? 'rekey.yaml lists the systems',
    });
  const similar = didYouMean(account, await store.similar(reference, 1000));
  const hint = similar?.startsWith('did') ? similar : `run \`rekey discover --system ${system}\` if the account is new`;
  throw new Problem('not-found', { message: `there is no account ${JSON.stringify(account.slice(0, 120))} in ${system}`, hint });
}

async function accountRow(deps: Pick<AccountDeps, 'inventory'>, system: string, account: string): Promise<AccountRow> {
  const row = await deps.inventory.accounts.get(await resolveAccount(deps, system, account));
  if (row === undefined) throw new Problem('not-found', { message: `${system}/${account} went away a moment ago`, hint: 'try again' });
  return row;
}

function viewOf(row: AccountRow): AccountView {
  return {
    system: row.system,
    account: row.name,
    id: row.id,
    identity: row.identity,
    person: row.person,
    personWhy: row.personWhy,
    kind: row.kind,
    owner: row.owners.length === 1 ? (row.owners[0] ?? null) : null,
    managed: row.managed,
    tier: row.tier,
    tags: row.tags,
    privileged: row.privileged,
    shared: row.shared,
    enabled: row.enabled && !row.gone,
    exposed: row.exposed,
    lastChangedAt: row.changedAt?.toISOString() ?? null,
    version: row.version,
    consumers: row.consumers,
    blockers: blockersOf(row),
  };
}

function cursorOf(last: AccountRow, order: Order | undefined): string {
  const position: Position = [last.system, last.name, last.key];
  return Buffer.from(JSON.stringify(order === undefined ? position : [...position, firstOf(last, order)])).toString('base64url');
}

/** What the row is sorted by, as the store compares it. */
function firstOf(row: AccountRow, { by }: Order): string {
  switch (by) {
    case 'account':
      return row.system;
    case 'tier':
      return String(row.tier);
    case 'kind':
      return row.kind;
    case 'owner':
      return row.owners.length === 1 ? (row.owners[0] ?? '') : '';
    case 'changed':
      return row.changedAt?.toISOString() ?? '-infinity';
  }
}

const soundFirst = {
  account: /^/,
  tier: /^\d{1,4}$/,
  kind: /^/,
  owner: /^/,
  changed: /^(-infinity|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z)$/,
} satisfies Record<Order['by'], RegExp>;

function positionOf(cursor: string, order: Order | undefined): Position {
  const refuse = (): never => {
    throw new Problem('usage', {
      place: 'cursor',
      message: 'the cursor is not one of ours',
      hint: 'pass the cursor of the previous page unchanged, or leave it out',
    });
  };
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return refuse();
  }
  const [system, name, key, first, ...rest] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  const sound =
    typeof system === 'string' && typeof name === 'string' && typeof key === 'string' && /^\d{1,18}$/.test(key) && rest.length === 0;
  if (!sound) return refuse();
  if (order === undefined) return first === undefined ? [system, name, key] : refuse();
  return typeof first === 'string' && soundFirst[order.by].test(first) ? [system, name, key, first] : refuse();
}
