// What a selector means, without SQL: the reference that compiled selectors are tested against. `!=` is always the exact opposite of `=`.
import { type Field, isDuration, millis, type Operator, type Selector, type Value } from './ast.ts';

export type SelectorRow = {
  readonly system: string;
  readonly name: string;
  readonly login: string | null;
  readonly identity: string | null;
  readonly person: string | null;
  readonly kind: string;
  readonly owner: string | null;
  readonly managed: string;
  readonly tier: number;
  readonly tags: readonly string[];
  readonly privileged: boolean;
  readonly shared: boolean;
  readonly enabled: boolean;
  readonly exposed: boolean;
  readonly changedAt: Date | null;
  readonly resetAt: Date | null;
  /** State of the account's item in its last run; null = never in a run. */
  readonly state: string | null;
};

export function matches(selector: Selector, row: SelectorRow, now: Date): boolean {
  switch (selector.node) {
    case 'all':
      return true;
    case 'and':
      return selector.of.every((part) => matches(part, row, now));
    case 'or':
      return selector.of.some((part) => matches(part, row, now));
    case 'not':
      return !matches(selector.of, row, now);
    case 'in':
      return selector.values.some((value) => compare(selector.field, '=', value, row, now));
    case 'compare':
      return compare(selector.field, selector.operator, selector.value, row, now);
  }
}

function compare(field: Field, operator: Operator, value: Value, row: SelectorRow, now: Date): boolean {
  if (operator === '!=') return !compare(field, '=', value, row, now);
  if (isDuration(value)) return older(row, operator, now.getTime() - millis(value));
  if (field === 'tier') return ordered(row.tier, operator, Number(value));
  return valuesOf(field, row).some((held) =>
    operator === '~' ? held !== null && globRegex(String(value)).test(String(held)) : held === value,
  );
}

/** An account whose last change nobody knows counts as older than any age. */
function older(row: SelectorRow, operator: Operator, edge: number): boolean {
  const changed = row.resetAt ?? row.changedAt;
  if (changed === null) return operator === '>' || operator === '>=';
  return ordered(-changed.getTime(), operator, -edge);
}

function ordered(held: number, operator: Operator, value: number): boolean {
  switch (operator) {
    case '<':
      return held < value;
    case '<=':
      return held <= value;
    case '>':
      return held > value;
    case '>=':
      return held >= value;
    default:
      return held === value;
  }
}

function valuesOf(field: Field, row: SelectorRow): readonly (string | boolean | number | null)[] {
  switch (field) {
    case 'account':
    case 'name':
      return row.login === null ? [row.name] : [row.name, row.login];
    case 'tag':
      return row.tags;
    case 'age':
      return [];
    default:
      return [row[field]];
  }
}

function globRegex(glob: string): RegExp {
  const source = [...glob].map((c) => (c === '*' ? '.*' : c === '?' ? '.' : c.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))).join('');
  return new RegExp(`^${source}$`, 'su');
}
