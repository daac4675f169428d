// The text of a selector's tree; parsing it gives the same tree back. Plans store this form.
import { isDuration, type Selector, type Value } from './ast.ts';
import { reserved } from './value.ts';

const bare = /^[A-Za-z0-9_.@/*?:+-]+$/;

function printValue(value: Value): string {
  if (value === null) return 'none';
  if (isDuration(value)) return `${value.amount}${value.unit}`;
  if (typeof value !== 'string') return String(value);
  const plain = bare.test(value) && value !== 'none' && !reserved.includes(value.toLowerCase());
  return plain ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

export function printSelector(selector: Selector): string {
  switch (selector.node) {
    case 'all':
      return 'all';
    case 'and':
    case 'or':
      return selector.of.map(printPart).join(` ${selector.node} `);
    case 'not':
      return `not ${printPart(selector.of)}`;
    case 'compare':
      return `${selector.field} ${selector.operator} ${printValue(selector.value)}`;
    case 'in':
      return `${selector.field} in (${selector.values.map(printValue).join(', ')})`;
  }
}

function printPart(part: Selector): string {
  return part.node === 'and' || part.node === 'or' ? `(${printSelector(part)})` : printSelector(part);
}
