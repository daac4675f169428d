// Properties: printed trees parse back; the database and the reference evaluator select the same accounts; parameters have no gaps.
import { readFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Field, fields, ruleOf, type Selector, type Value } from './ast.ts';
import { compileSelector, compileTree } from './compile.ts';
import { matches, type SelectorRow } from './matches.ts';
import { parseSelector } from './parse.ts';
import { printSelector } from './print.ts';

const words = [
  'alice',
  'svc-pay',
  'svc_pay',
  'none',
  'and',
  'x%',
  'a\\b',
  'O"Neil',
  "d'Arc",
  '',
  'é?*',
  'tag:y',
  'svc-*',
  '*',
  'sv?-*',
  '%',
];
const text = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...words) },
  fc.string({ maxLength: 6 }).map((s) => s.replaceAll('\0', '')),
);
const fieldNames = Object.keys(fields) as Field[]; // the keys of a const object

function valueFor(field: Field): fc.Arbitrary<Value> {
  const rule = ruleOf(field);
  switch (rule.type) {
    case 'text':
      return rule.nullable ? fc.oneof({ weight: 4, arbitrary: text }, fc.constant(null)) : text;
    case 'word':
      return rule.nullable ? fc.constantFrom<Value>(...rule.words, null) : fc.constantFrom<Value>(...rule.words);
    case 'tier':
      return fc.constantFrom(0, 1, 2, 3);
    case 'flag':
      return fc.boolean();
    case 'age':
      return fc.record({ amount: fc.integer({ min: 0, max: 99 }), unit: fc.constantFrom('s', 'm', 'h', 'd', 'w', 'y') });
  }
}

const condition: fc.Arbitrary<Selector> = fc.constantFrom(...fieldNames).chain((field): fc.Arbitrary<Selector> => {
  const rule = ruleOf(field);
  const order = ['<', '<=', '>', '>='] as const;
  const same = ['=', '!='] as const;
  const operator =
    rule.type === 'age' ? fc.constantFrom(...order) : rule.type === 'tier' ? fc.constantFrom(...same, ...order) : fc.constantFrom(...same);
  const compared: fc.Arbitrary<Selector> = fc.record({
    node: fc.constant('compare'),
    field: fc.constant(field),
    operator,
    value: valueFor(field),
  });
  if (rule.type === 'age') return compared;
  const listed: fc.Arbitrary<Selector> = fc.record({
    node: fc.constant('in'),
    field: fc.constant(field),
    values: fc.array(valueFor(field), { minLength: 1, maxLength: 4 }),
  });
  if (rule.type !== 'text') return fc.oneof(compared, listed);
  const glob: fc.Arbitrary<Selector> = fc.record({
    node: fc.constant('compare'),
    field: fc.constant(field),
    operator: fc.constant('~'),
    value: text,
  });
  return fc.oneof(compared, listed, glob);
});

const selectorTree: fc.Arbitrary<Selector> = fc.letrec<{ tree: Selector }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: condition },
    fc.constant<Selector>({ node: 'all' }),
    fc.record({ node: fc.constant('not'), of: tie('tree') }),
    fc.record({ node: fc.constantFrom('and', 'or'), of: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }) }),
  ),
})).tree;

const when = fc.option(fc.date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2027-01-01T00:00:00Z'), noInvalidDate: true }));
const selectorRow: fc.Arbitrary<SelectorRow> = fc.record({
  system: fc.constantFrom('alice', 'svc-pay', 'x%'),
  name: text,
  login: fc.option(text),
  identity: fc.option(text),
  person: fc.option(text),
  kind: valueFor('kind') as fc.Arbitrary<string>, // kind has words only
  owner: fc.option(text),
  managed: valueFor('managed') as fc.Arbitrary<string>, // managed has words only
  tier: fc.constantFrom(0, 1, 2, 3),
  tags: fc.array(text, { maxLength: 3 }),
  privileged: fc.boolean(),
  shared: fc.boolean(),
  enabled: fc.boolean(),
  exposed: fc.boolean(),
  changedAt: when,
  resetAt: when,
  state: valueFor('state') as fc.Arbitrary<string | null>, // state has words and none
});

const now = new Date('2026-11-21T00:00:00Z');
const rows: readonly SelectorRow[] = fc.sample(selectorRow, { numRuns: 120, seed: 7 });
let db: PGlite;

beforeAll(async () => {
  db = new PGlite();
  await db.exec(await readFile(new URL('../../store/migrations/0001_spine.sql', import.meta.url), 'utf8'));
  for (const system of ['alice', 'svc-pay', 'x%'])
    await db.query(`insert into system (id, connector, spec) values ($1, 'ldap', '')`, [system]);
  await db.exec(`insert into plan (id, name, hash, header, created_by, expires_at) values ('P-1', '', '', '', '', now());
    insert into run (id, plan, plan_hash, mode, data_key, started_by) select r, 'P-1', '', 'contain', 1, '' from unnest(array['R-1', 'R-2']) as r;
    insert into lane (run, wave, system) values (1, 0, 'alice'), (2, 0, 'alice')`);
  for (const [i, r] of rows.entries()) {
    await db.query(
      `insert into account (system, id, name, login, identity, kind, owners, managed, tier, tags, privileged, shared, enabled, exposed, changed_at, reset_at, person)
       values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17)`,
      [
        r.system,
        String(i),
        r.name,
        r.login,
        r.identity,
        r.kind,
        r.owner === null ? [] : [r.owner],
        r.managed,
        r.tier,
        r.tags,
        r.privileged,
        r.shared,
        r.enabled,
        r.exposed,
        r.changedAt,
        r.resetAt,
        r.person,
      ],
    );
    // An older run in another state: only the last one counts.
    if (r.state !== null)
      await db.query(`insert into item (run, lane, wave, account, state) values (1, 1, 0, $1, 'planned'), (2, 2, 0, $1, $2)`, [
        i + 1,
        r.state,
      ]);
  }
}, 60_000);
afterAll(() => db.close());

it('compiled SQL and the evaluator agree on every row', async () => {
  let selected = 0;
  let left = 0;
  await fc.assert(
    fc.asyncProperty(selectorTree, async (tree) => {
      const { sql, params } = compileTree(tree, { firstParam: 1, now });
      const found = await db.query<{ key: string; hit: boolean | null }>(`select a.key, ${sql} as hit from account a order by a.key`, [
        ...params,
      ]);
      const expected = rows.map((row) => matches(tree, row, now));
      expect(found.rows.map((r) => r.hit)).toEqual(expected);
      selected += expected.filter(Boolean).length;
      left += expected.filter((hit) => !hit).length;
    }),
    { numRuns: 400 },
  );
  // Guards the test itself: trees that select nothing or everything would agree too easily.
  expect(Math.min(selected, left)).toBeGreaterThan((selected + left) / 10);
});

it('every printed tree parses back to the same tree', () => {
  fc.assert(
    fc.property(selectorTree, (tree) => {
      expect(parseSelector(printSelector(tree))).toEqual(tree);
    }),
    { numRuns: 500 },
  );
});

it('parameters are numbered from the first one asked for, without a gap', () => {
  fc.assert(
    fc.property(selectorTree, fc.integer({ min: 1, max: 9 }), (tree, firstParam) => {
      const { sql, params } = compileSelector(printSelector(tree), { firstParam, now });
      const used = [...sql.matchAll(/\$(\d+)/g)].map((m) => Number(m[1])).sort((a, b) => a - b);
      expect(used).toEqual(params.map((_, i) => firstParam + i));
    }),
  );
});
