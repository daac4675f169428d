// Whose an account is. What a file declares stands; the rest are joined by equal attributes, and where that leaves a doubt nobody is named, but why.
import type { People, PersonRow, PersonRules, Stage } from '../inventory/port.ts';
import { inParts, takeClashes } from './ownership.ts';
import type { Sql, Store } from './sql.ts';

export function personStage(sql: Sql): Stage<PersonRow> {
  return {
    open: async () => {
      await sql.query('drop table if exists import_person');
      await sql.query('create temp table import_person (line int8, account int8, person text, says text) on commit drop');
    },
    add: async (rows) => {
      await sql.query(
        `insert into import_person select r.line, r.account, nullif(lower(r.person), '-'), lower(r.person)
           from unnest($1::int8[], $2::int8[], $3::text[]) r(line, account, person)`,
        [rows.map((r) => r.line), rows.map((r) => r.account), rows.map((r) => r.person)],
      );
    },
    clashes: (limit) => takeClashes(sql, 'import_person', 'account', limit),
    apply: (source) => inParts(sql, 'import_person', 'account', (from, to) => sql.query(declare, [source, from, to])),
  };
}

const declare = `update account a set declared = a.declared || jsonb_build_object('people',
    coalesce(a.declared->'people', '{}') - $1 || case when f.person is null then '{}'::jsonb else jsonb_build_object($1::text, f.person) end)
  from import_person f where f.account = a.key and f.account > $2::int8 and f.account <= $3::int8`;

export function peopleStore(store: Store): People {
  const resolve = (rules: PersonRules): Promise<void> =>
    store.transaction(async (sql) => {
      await collect(sql, rules);
      await join(sql);
      await name(sql);
      await inParts(sql, 'person_of', 'account', (from, to) => sql.query(write, [from, to]));
      await sql.query(forget);
      await sql.query(`insert into people_rules (rules) values ($1) on conflict (one) do update set rules = excluded.rules`, [
        textOf(rules),
      ]);
    });
  return {
    resolve,
    follow: async (rules) => {
      const [row] = await store.query<{ rules: string }>('select rules from people_rules');
      // A store that never told anybody and has nothing to go by stays as it is.
      if ((row?.rules ?? textOf({ match: [], systems: null })) !== textOf(rules)) await resolve(rules);
    },
  };
}

const textOf = (rules: PersonRules): string => JSON.stringify([rules.match, rules.systems]);

/** Where each attribute stands. Upper and lower case never make two people. */
const attributes: { readonly [name: string]: string } = {
  employeeId: "coalesce(a.facts->>'employeeId', a.facts->>'employeeID', a.facts->>'employeeNumber')",
  identity: 'a.identity',
  mail: "coalesce(a.facts->>'mail', a.facts->>'email')",
  upn: "coalesce(a.facts->>'userPrincipalName', a.facts->>'upn')",
  login: 'coalesce(a.login, a.name)',
};

/** Accounts in question, and what each says of itself. A service's mail is its owner's: attributes of services tell nothing. */
async function collect(sql: Sql, { match, systems }: PersonRules): Promise<void> {
  await sql.query('drop table if exists person_key');
  await sql.query('drop table if exists person_of');
  await sql.query(
    `create temp table person_of on commit drop as
     select a.key as account, a.system, a.name as label, a.key as part, null::text as name, null::text as why,
            array(select distinct d.value from jsonb_each_text(a.declared->'people') d order by 1) as said, null::text as via
       from account a where a.gone_at is null and (coalesce(a.declared->'people', '{}') <> '{}'
         or a.kind not in ('service', 'application', 'agent', 'shared') and ($1::text[] is null or a.system = any($1::text[])) and $2::bool)`,
    [systems, match.length > 0],
  );
  await sql.query('create unique index on person_of (account)');
  const each = match.map((attribute, rank) => `(${rank}, '${attribute}', ${attributes[attribute]})`);
  await sql.query(
    `create temp table person_key on commit drop as
     select p.account, v.rank, v.attribute, lower(btrim(v.value)) as value, p.said <> '{}' as declared
       from person_of p join account a on a.key = p.account, lateral (values ${each.length > 0 ? each.join(', ') : "(0, '', null::text)"}) v(rank, attribute, value)
      where btrim(v.value) <> '' and ($1::text[] is null or a.system = any($1::text[]))`,
    [systems],
  );
  await sql.query('create index on person_key (rank, value)');
  await sql.query('analyze person_of');
  await sql.query('analyze person_key');
}

/** Accounts that nobody declared and that share a value become one part: the smallest key spreads until it spreads no further. */
async function join(sql: Sql): Promise<void> {
  for (;;) {
    const moved = await sql.query(
      `with least as (select k.rank, k.value, min(p.part) as part from person_key k join person_of p on p.account = k.account
                       where not k.declared group by k.rank, k.value having count(*) > 1),
            own as (select k.account, min(l.part) as part from person_key k join least l on l.rank = k.rank and l.value = k.value where not k.declared group by k.account)
       update person_of p set part = own.part from own where own.account = p.account and own.part < p.part returning 1`,
    );
    if (moved.length === 0) return;
  }
}

async function name(sql: Sql): Promise<void> {
  await sql.query(
    `update person_of set name = case when cardinality(said) = 1 then said[1] end,
       why = case when cardinality(said) > 1 then 'declared as ' || array_to_string(said, ' and as ') end where said <> '{}'`,
  );
  // The strongest attribute that any account of a part has must have one value; declared people who share a value with it must be one, and name it.
  await sql.query(
    `with strongest as (select p.part, min(k.rank) as rank from person_key k join person_of p on p.account = k.account where not k.declared group by p.part),
          told as (select s.part, min(k.attribute) as attribute, array_agg(distinct k.value) as names from strongest s join person_of p on p.part = s.part
                     join person_key k on k.account = p.account and k.rank = s.rank where not k.declared group by s.part),
          met as (select p.part, array_agg(distinct d.name) as names from person_key k join person_of p on p.account = k.account
                    join person_key o on o.rank = k.rank and o.value = k.value and o.declared join person_of d on d.account = o.account and d.name is not null
                   where not k.declared group by p.part)
     update person_of p set name = case when m.names is not null then case when cardinality(m.names) = 1 then m.names[1] end
                                        when cardinality(t.names) = 1 then t.names[1] end,
            via = case when m.names is null then t.attribute end,
            why = case when cardinality(m.names) > 1 then 'it fits the declared people ' || array_to_string(m.names[1:3], ', ')
                       when m.names is null and cardinality(t.names) > 1 then 'it is joined to accounts of ' || cardinality(t.names) || ' people by ' || t.attribute || ': ' || array_to_string(t.names[1:3], ', ') end
       from told t left join met m on m.part = t.part where p.part = t.part and p.said = '{}'`,
  );
  // One word that is a number of one account and the login of another joins nobody; two accounts of one system are two only if a file says so.
  await sql.query(
    `with twice as (select name, system, count(*) as n, array_agg(label order by account) as labels from person_of where name is not null
                     group by name, system having count(*) > 1 and bool_or(said = '{}')),
          mixed as (select name, 'two attributes read ' || name || ': ' || string_agg(distinct via, ', ') as why from person_of where via is not null and name is not null
                     group by name having count(distinct via) > 1),
          one as (select distinct on (name) name, n || ' accounts of ' || system || ' fit ' || name || ': ' || array_to_string(labels[1:3], ', ') as why from twice order by name, system),
          doubt as (select name, why from one union all select name, why from mixed where name not in (select name from one))
     update person_of p set name = null, why = d.why from doubt d where d.name = p.name and p.said = '{}'`,
  );
}

const write = `update account a set person = p.name, person_why = p.why from person_of p
  where p.account = a.key and p.account > $1::int8 and p.account <= $2::int8 and (a.person, a.person_why) is distinct from (p.name, p.why)`;
const forget = `update account a set person = null, person_why = null
  where (a.person is not null or a.person_why is not null) and a.gone_at is null and not exists (select from person_of p where p.account = a.key)`;
