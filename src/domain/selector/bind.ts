// Parameters of a selector (`account = $account`): bound as values of its tree, so that no value can ever become part of the language.
import { Problem } from '../problem.ts';
import type { Selector, Value } from './ast.ts';
import { parseSelector } from './parse.ts';
import { printSelector } from './print.ts';

export const parameterNames = ['account', 'system', 'identity'] as const;
export type ParameterName = (typeof parameterNames)[number];
export type Parameters = Readonly<Partial<Record<ParameterName, string>>>;

/** What a selector asks for, in the order it asks. Throws invalid-selector for a parameter nobody knows and for one in a pattern, where a `*` in its value would widen the scope. */
export function parametersIn(where: string): readonly ParameterName[] {
  const found = new Set<ParameterName>();
  replace(parseSelector(where), (name) => {
    found.add(name);
    return name;
  });
  return [...found];
}

/** The selector with its parameters replaced, as text that parses to exactly the tree with these values. */
export function bindSelector(where: string, values: Parameters): string {
  return printSelector(
    replace(parseSelector(where), (name) => {
      const value = values[name];
      if (value === undefined)
        throw new Problem('usage', {
          message: `the parameter ${name} is missing`,
          place: `parameters.${name}`,
          hint: 'name the value it is to be bound to',
        });
      return value;
    }),
  );
}

function replace(selector: Selector, bound: (name: ParameterName) => string): Selector {
  const value = (given: Value, operator: string): Value => {
    const name = typeof given === 'string' && given.startsWith('$') ? given.slice(1) : undefined;
    if (name === undefined) return given;
    const known = parameterNames.find((parameter) => parameter === name);
    if (known === undefined)
      throw new Problem('invalid-selector', {
        message: `there is no parameter $${name.slice(0, 60)}`,
        hint: `parameters are ${parameterNames.map((p) => `$${p}`).join(', ')}`,
      });
    if (operator !== '=' && operator !== 'in')
      throw new Problem('invalid-selector', {
        message: `$${known} stands after ${operator}`,
        hint: `a parameter belongs after = or in a list: what a caller sends must not widen the scope`,
      });
    return bound(known);
  };
  switch (selector.node) {
    case 'all':
      return selector;
    case 'and':
    case 'or':
      return { node: selector.node, of: selector.of.map((part) => replace(part, bound)) };
    case 'not':
      return { node: 'not', of: refuseInside(selector.of) };
    case 'compare':
      return { ...selector, value: value(selector.value, selector.operator) };
    case 'in':
      return { ...selector, values: selector.values.map((v) => value(v, 'in')) };
  }
}

/** `not account = $account` would select everything but what the caller names. */
function refuseInside(selector: Selector): Selector {
  return replace(selector, (name) => {
    throw new Problem('invalid-selector', {
      message: `$${name} stands under not`,
      hint: 'a parameter may narrow what is selected, never widen it',
    });
  });
}
