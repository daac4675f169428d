// Accounts of the inventory: found by the words people use for them, read in pages by system and name.
import type { AccountRunView } from '../domain/view.ts';
import type { AccountRow, Accounts, Match, Order, Reference } from '../inventory/port.ts';
import type { Sql } from './sql.ts';

export function accountStore(sql: Sql): Accounts {
  return {
    match: async (references, gone = false) => {
      const found = await matched(sql, exact, references, gone);
      const rest = references.flatMap((r, n) =>
        found[n]?.length === 0 && r.account.includes('=') ? [{ n, reference: { system: r.system, account: folded(r.account) } }] : [],
      );
      if (rest.length === 0) return found;
      const loose = await matched(
        sql,
        anyCase,
        rest.map((r) => r.reference),
        gone,
      );
      const all = [...found];
      for (const [m, { n }] of rest.entries()) all[n] = loose[m] ?? [];
      return all;
    },
    get: async (key) => (await sql.query<AccountRow>(`${select} where a.key = $1::int8`, [key]))[0],
    page: (condition, after, limit, order) => {
      const n = condition.params.length;
      const { column, type } = orders[order?.by ?? 'account'];
      const [way, than] = order?.descending === true ? ['desc', '<'] : ['asc', '>'];
      const [system, name, key, first] = after ?? [];
      const lead = column === undefined ? [] : [column];
      const leadValue = column === undefined ? [] : [`$${n + 5}::${type}`];
      const from =
        after === undefined
          ? ''
          : `and (${[...lead, 'a.system', 'a.name', 'a.key'].join(', ')}) ${than} (${[...leadValue, `$${n + 2}`, `$${n + 3}`, `$${n + 4}::int8`].join(', ')})`;
      return sql.query<AccountRow>(
        `${select} where a.gone_at is null and (${condition.sql}) ${from}
          order by ${[...lead, 'a.system', 'a.name', 'a.key'].map((by) => `${by} ${way}`).join(', ')} limit $${n + 1}::int4`,
        [...condition.params, limit, ...(after === undefined ? [] : [system, name, key, ...(column === undefined ? [] : [first])])],
      );
    },
    count: async (condition) => {
      const [row] = await sql.query<{ n: number }>(
        `select count(*)::int4 as n from account a where a.gone_at is null and (${condition.sql})`,
        condition.params,
      );
      return row?.n ?? 0;
    },
    runs: async (key, limit) => {
      const rows = await sql.query<AccountRunRow>(
        `select r.id as run, r.plan, r.started_at as "startedAt", i.state, i.wave::int4 as wave, i.version, i.updated_at as at, i.error, i.residual_until as "residualUntil"
           from item i join run r on r.key = i.run where i.account = $1::int8 order by i.run desc, i.key desc limit $2::int4`,
        [key, limit],
      );
      return rows.map((r) => ({
        ...r,
        startedAt: r.startedAt.toISOString(),
        at: r.at.toISOString(),
        residualUntil: r.residualUntil?.toISOString() ?? null,
      }));
    },
    similar: async ({ system, account }, limit) => {
      const start = account.slice(0, Math.max(1, Math.floor(account.length / 2)));
      const rows = await sql.query<{ name: string }>(
        `select name from account where system = $1 and gone_at is null and starts_with(lower(name), lower($2)) order by name limit $3::int4`,
        [system, start, limit],
      );
      return rows.map((r) => r.name);
    },
  };
}

type AccountRunRow = Omit<AccountRunView, 'startedAt' | 'at' | 'residualUntil'> & { startedAt: Date; at: Date; residualUntil: Date | null };

/** What a list may be sorted by, before system and name; a change nobody knows is the oldest. To the millisecond, as a cursor carries it. */
const orders: Readonly<Record<Order['by'], { readonly column?: string; readonly type?: string }>> = {
  account: {},
  tier: { column: 'a.tier', type: 'int2' },
  kind: { column: 'a.kind', type: 'text' },
  owner: { column: `coalesce(a.owner, '')`, type: 'text' },
  changed: { column: `coalesce(date_trunc('milliseconds', coalesce(a.reset_at, a.changed_at)), '-infinity')`, type: 'timestamptz' },
};

const select = `select a.key::text as key, a.system, a.id, a.name, a.identity, a.kind, a.owners, a.managed, a.tier, a.tags, a.privileged, a.shared,
  a.enabled, a.exposed, a.gone_at is not null as gone, a.person, a.person_why as "personWhy", coalesce(a.reset_at, a.changed_at) as "changedAt", a.version,
  a.owner is not null and coalesce((select bool_and(not o.enabled or o.gone_at is not null) from account o where o.identity = a.owner), false) as "ownerDisabled",
  coalesce((select json_agg(json_build_object('consumer', c.consumer, 'store', c.store, 'ref', c.ref, 'owner', c.owner, 'state', c.state) order by c.consumer)
     from consumer c where c.account = a.key), '[]') as consumers
  from account a`;

/** One index look-up per way of naming; an OR over the four would read the whole system. */
const exact = lookup(['a.name = q.account', 'a.login = q.account', 'a.id = q.account', 'a.locator = q.account']);
const anyCase = lookup(["lower(a.locator) = q.account and a.locator like '%=%'", "lower(a.name) = q.account and a.name like '%=%'"]);

function lookup(ways: readonly string[]): string {
  const each = ways.map((way) => `select a.key from account a where a.system = q.system and ${way} and (a.gone_at is null or $4::bool)`);
  return `select q.n, m.key::text as key from unnest($1::int4[], $2::text[], $3::text[]) q(n, system, account), lateral (${each.join(' union ')}) m`;
}

async function matched(sql: Sql, text: string, references: readonly Reference[], gone: boolean): Promise<Match[]> {
  const rows = await sql.query<{ n: number; key: string }>(text, [
    references.map((_, n) => n),
    references.map((r) => r.system),
    references.map((r) => r.account),
    gone,
  ]);
  const matches: string[][] = references.map(() => []);
  for (const { n, key } of rows) matches[n]?.push(key);
  return matches;
}

/** `CN=Alice, OU=People` as servers write it, in lower case. */
const folded = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/\s*([,=])\s*/g, '$1')
    .trim();
