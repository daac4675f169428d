// A run by person: pages of people in the order of their names, each with all of their accounts, also those the run does not hold.
import type { ItemState } from '../domain/item.ts';
import { holdsNew, type PersonVerdict, verdictOf, worstOf } from '../domain/person.ts';
import { type CellVerdict, isClosed, type Level } from '../domain/verdict.ts';
import type { CellSums, Paged, PersonAccountView, PersonView } from '../domain/view.ts';
import { ownAccount, ownItem } from './own.ts';
import type { Sql } from './sql.ts';

export type PeopleQuery = { readonly cursor?: string; readonly limit: number; readonly person?: string };

/** `own`: only people and accounts that are this identity's; null = all. */
export async function peoplePage(sql: Sql, run: string, query: PeopleQuery, own: string | null = null): Promise<Paged<PersonView>> {
  const [head] = await sql.query<{ key: string; groups: Groups | null }>(
    `select r.key::text as key, p.header::json->'sync' as groups from run r join plan p on p.id = r.plan where r.id = $1`,
    [run],
  );
  if (head === undefined) return { items: [] };
  const rows = await sql.query<{ person: string }>(
    `select distinct i.person from item i where i.run = $1::int8 and i.person > $2 and ($3::text is null or i.person = lower($3)) and ${ownItem('$5')}
      order by 1 limit $4::int4`,
    [head.key, query.cursor ?? '', query.person ?? null, query.limit + 1, own],
  );
  const names = rows.slice(0, query.limit).map((row) => row.person);
  const items = await people(sql, head.key, names, head.groups ?? [], own);
  const last = names.at(-1);
  return rows.length > query.limit && last !== undefined ? { items, cursor: last } : { items };
}

type Groups = readonly {
  readonly name: string;
  readonly systems: readonly { readonly system: string; readonly takes: 'value' | 'own' }[];
}[];
type Row = {
  person: string;
  system: string;
  account: string;
  id: string;
  state: ItemState;
  open: boolean;
  wave: number;
  sync: string | null;
  until: Date | null;
  error: string | null;
  cells: readonly { verdict: CellVerdict; level: Level }[] | null;
};
type Outside = { person: string; system: string; account: string; enabled: boolean };

async function people(sql: Sql, run: string, names: readonly string[], groups: Groups, own: string | null): Promise<PersonView[]> {
  const rows = await sql.query<Row>(
    `select i.person, a.system, a.name as account, a.id, i.state, i.open, i.wave, i.sync, i.residual_until as until, i.error,
            (select json_agg(json_build_object('verdict', c.verdict, 'level', c.level)) from cell c where c.item = i.key) as cells
       from item i join account a on a.key = i.account where i.run = $1::int8 and i.person = any($2::text[]) and ${ownAccount('$3')}
      order by i.person, i.wave, a.system, a.name`,
    [run, names, own],
  );
  const outside = await sql.query<Outside>(
    `select a.person, a.system, a.name as account, a.enabled from account a
      where a.person = any($2::text[]) and a.gone_at is null and not exists (select from item i where i.account = a.key and i.run = $1::int8) and ${ownAccount('$3')}
      order by a.person, a.system, a.name`,
    [run, names, own],
  );
  return names.map((name) => {
    const theirs = rows.filter((row) => row.person === name);
    const rest = outside.filter((row) => row.person === name);
    return personView(name, theirs, rest, groups);
  });
}

function personView(person: string, rows: readonly Row[], outside: readonly Outside[], groups: Groups): PersonView {
  const accounts = rows.filter((row) => row.state !== 'excluded').map(accountView);
  const leftOut = [
    ...rows.filter((row) => row.state === 'excluded').map(({ system, account, error }) => ({ system, account, why: error ?? 'excluded' })),
    ...outside.map(({ system, account, enabled }) => ({
      system,
      account,
      why: enabled ? 'not in this run' : 'not in this run, and disabled',
    })),
  ];
  const verdict = worstOf(accounts.map((each) => each.verdict));
  const ends = accounts.flatMap(({ residualUntil }) => (residualUntil === null ? [] : [residualUntil])).sort();
  return {
    person,
    verdict,
    done: verdict === 'done',
    cells: accounts.map((each) => each.cells).reduce(added, noCells),
    residualUntil: ends.at(-1) ?? null,
    sync: groups.flatMap((group) => stepOf(group, accounts, leftOut)),
    accounts,
    leftOut,
  };
}

function accountView(row: Row): PersonAccountView {
  const verdict: PersonVerdict = verdictOf(row.state, row.open);
  return {
    system: row.system,
    account: row.account,
    id: row.id,
    state: row.state,
    verdict,
    wave: row.wave,
    sync: row.sync,
    cells: (row.cells ?? []).map(cellOf).reduce(added, noCells),
    residualUntil: row.until?.toISOString() ?? null,
    error: row.error,
  };
}

/** An account left out keeps the value it had: it is behind as soon as another one of the group moves. */
function stepOf(group: Groups[number], accounts: readonly PersonAccountView[], leftOut: PersonView['leftOut']): PersonView['sync'] {
  const own = accounts.filter((each) => each.sync === group.name);
  if (own.length === 0) return [];
  const takers = group.systems.filter(({ takes }) => takes === 'value').map(({ system }) => system);
  const on = own.filter((each) => holdsNew(each.state));
  const behind = [
    ...own.filter((each) => !holdsNew(each.state)),
    ...accounts.filter((each) => each.sync === null && takers.includes(each.system)),
    ...leftOut.filter((each) => takers.includes(each.system)),
  ].map(({ system, account }) => `${system}/${account}`);
  return [{ group: group.name, step: on.length === 0 ? 'not-begun' : behind.length === 0 ? 'in-step' : 'not-in-step', behind }];
}

const noCells: CellSums = { proved: 0, inferred: 0, residual: 0, notProved: 0, excepted: 0 };

function cellOf({ verdict, level }: { verdict: CellVerdict; level: Level }): CellSums {
  // What an owner signed is said, not proved.
  const open = verdict === 'not-proved' || (verdict === 'inferred' && !isClosed({ verdict, level }));
  const key = open || verdict === 'signed' ? 'notProved' : verdict;
  return { ...noCells, [key]: 1 };
}

const added = (a: CellSums, b: CellSums): CellSums => ({
  proved: a.proved + b.proved,
  inferred: a.inferred + b.inferred,
  residual: a.residual + b.residual,
  notProved: a.notProved + b.notProved,
  excepted: a.excepted + b.excepted,
});
