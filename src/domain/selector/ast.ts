// The selector language as data: which fields there are, what may be asked of each, and the tree a selector parses into.
import { kinds, managedBy } from '../account.ts';
import { itemStates } from '../item.ts';

export const operators = ['=', '!=', '<', '<=', '>', '>=', '~'] as const;
export type Operator = (typeof operators)[number];

/** `text` compares and globs; `nullable` fields also know the bare word `none`; `words` is the closed list of values. */
type FieldRule =
  | { readonly type: 'text'; readonly nullable?: true }
  | { readonly type: 'word'; readonly words: readonly string[]; readonly nullable?: true }
  | { readonly type: 'tier' }
  | { readonly type: 'age' }
  | { readonly type: 'flag' };

export const fields = {
  system: { type: 'text' },
  account: { type: 'text' },
  name: { type: 'text' },
  identity: { type: 'text', nullable: true },
  person: { type: 'text', nullable: true },
  owner: { type: 'text', nullable: true },
  tag: { type: 'text' },
  kind: { type: 'word', words: kinds },
  managed: { type: 'word', words: managedBy },
  state: { type: 'word', words: itemStates, nullable: true },
  tier: { type: 'tier' },
  age: { type: 'age' },
  exposed: { type: 'flag' },
  shared: { type: 'flag' },
  privileged: { type: 'flag' },
  enabled: { type: 'flag' },
} as const satisfies Record<string, FieldRule>;
export type Field = keyof typeof fields;

export function ruleOf(field: Field): FieldRule {
  return fields[field];
}

/** null is the word `none`: no owner, no identity, never in a run. */
export type Value = string | number | boolean | null | Duration;
export const units = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_557_600 } as const;
export type Unit = keyof typeof units;
export type Duration = { readonly amount: number; readonly unit: Unit };

export type Selector =
  | { readonly node: 'all' }
  | { readonly node: 'and' | 'or'; readonly of: readonly Selector[] }
  | { readonly node: 'not'; readonly of: Selector }
  | { readonly node: 'compare'; readonly field: Field; readonly operator: Operator; readonly value: Value }
  | { readonly node: 'in'; readonly field: Field; readonly values: readonly Value[] };

/** A duration in milliseconds: the one place where units become time. */
export function millis(value: Duration): number {
  return value.amount * units[value.unit] * 1000;
}

export const isDuration = (value: Value): value is Duration => typeof value === 'object' && value !== null;
