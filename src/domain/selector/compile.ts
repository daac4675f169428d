// A selector as an SQL condition over alias `a` (account). Every value is a parameter; no condition is ever null, so `not` means not.
import { type Field, isDuration, millis, type Operator, ruleOf, type Selector, type Value } from './ast.ts';
import { parseSelector } from './parse.ts';

export type Compiled = { readonly sql: string; readonly params: readonly unknown[] };
/** `firstParam`: number of the first $n to use. `now`: what ages are counted from. */
export type CompileOptions = { readonly firstParam: number; readonly now: Date };

export function compileSelector(text: string, options: CompileOptions): Compiled {
  return compileTree(parseSelector(text), options);
}

export function compileTree(selector: Selector, { firstParam, now }: CompileOptions): Compiled {
  const params: unknown[] = [];
  const bind = (value: unknown, type: string): string => {
    params.push(value);
    return `$${firstParam + params.length - 1}::${type}`;
  };
  const node = (part: Selector): string => {
    switch (part.node) {
      case 'all':
        return 'true';
      case 'and':
      case 'or':
        return `(${part.of.map(node).join(` ${part.node} `)})`;
      case 'not':
        return `(not ${node(part.of)})`;
      case 'in':
        return listCondition(part.field, part.values, bind);
      case 'compare':
        return isDuration(part.value)
          ? ageCondition(part.operator, bind(new Date(now.getTime() - millis(part.value)), 'timestamptz'))
          : condition(part.field, part.operator, part.value, bind);
    }
  };
  return { sql: node(selector), params };
}

type Bind = (value: unknown, type: string) => string;

const columns = {
  system: 'a.system',
  identity: 'a.identity',
  person: 'a.person',
  owner: 'a.owner',
  kind: 'a.kind',
  managed: 'a.managed',
  tier: 'a.tier',
  exposed: 'a.exposed',
  shared: 'a.shared',
  privileged: 'a.privileged',
  enabled: 'a.enabled',
} as const;

/** The account's item in its last run, as a join that starts from the items of a state: a look-up per account takes seconds over a hundred thousand. */
const inLastRun = (test: string): string =>
  `exists (select from item i where i.account = a.key and ${test} and not exists (select from item j where j.account = i.account and (j.run, j.key) > (i.run, i.key)))`;
const neverInRun = 'not exists (select from item i where i.account = a.key)';

function condition(field: Field, operator: Operator, value: Value, bind: Bind): string {
  if (operator === '!=') return `(not ${condition(field, '=', value, bind)})`;
  if (operator === '~') return anyOf(field, (held) => `${held} like ${bind(likePattern(String(value)), 'text')} escape '\\'`);
  if (value === null) return isNone(field);
  const rule = ruleOf(field);
  const type = rule.type === 'tier' ? 'int4' : rule.type === 'flag' ? 'bool' : 'text';
  if (field === 'tag' && operator === '=') return `(a.tags @> array[${bind(value, 'text')}])`;
  return anyOf(field, (held) => `${held} ${operator} ${bind(value, type)}`);
}

/** A field may stand for several columns (name and login) or for each element of an array (tag). */
function anyOf(field: Field, test: (held: string) => string): string {
  switch (field) {
    case 'account':
    case 'name':
      return `(${test('a.name')} or coalesce(${test('a.login')}, false))`;
    case 'tag':
      return `exists (select from unnest(a.tags) as held(tag) where ${test('held.tag')})`;
    case 'state':
      return inLastRun(test('i.state'));
    case 'age':
      throw new TypeError('ages are compared by ageCondition');
    default:
      return `coalesce(${test(columns[field])}, false)`;
  }
}

const isNone = (field: Field): string => (field === 'state' ? neverInRun : anyOf(field, (held) => `${held} is null`));

function listCondition(field: Field, values: readonly Value[], bind: Bind): string {
  const rule = ruleOf(field);
  const type = rule.type === 'tier' ? 'int4[]' : rule.type === 'flag' ? 'bool[]' : 'text[]';
  const given = values.filter((value) => value !== null);
  const parts: string[] = [];
  if (values.includes(null)) parts.push(isNone(field));
  if (given.length > 0 && field === 'tag') parts.push(`(a.tags && ${bind(given, type)})`);
  else if (given.length > 0) parts.push(anyOf(field, (held) => `${held} = any(${bind(given, type)})`));
  return `(${parts.join(' or ')})`;
}

/** Older = changed earlier, so the comparison turns round; a change nobody knows counts as older than any age. */
function ageCondition(operator: Operator, edge: string): string {
  const turned = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' }[operator as '<' | '<=' | '>' | '>=']; // the parser lets no other through
  const unknown = operator.startsWith('>');
  return `coalesce(coalesce(a.reset_at, a.changed_at) ${turned} ${edge}, ${unknown})`;
}

/** * and ? are the only wildcards; what LIKE would treat as one is escaped. */
function likePattern(glob: string): string {
  return glob
    .replaceAll(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_');
}
