// No value of a caller becomes part of the selector language.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindSelector, parametersIn } from './bind.ts';
import { parseSelector } from './parse.ts';

const where = 'system = corp-ldap and account = $account and not tag = exempt';

describe('parameters of a selector', () => {
  it('whatever the value, the bound selector is the tree with that one value in its place', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((s) => !s.includes('\0')),
        (account) => {
          const tree = parseSelector(where);
          const expected = JSON.parse(JSON.stringify(tree, (_, value) => (value === '$account' ? account : value)));
          expect(parseSelector(bindSelector(where, { account }))).toEqual(expected);
        },
      ),
    );
  });

  it.each(['x" or all or name = "y', "x' or all", 'x) or (all', 'none', 'all', 'svc-*', '$system', 'a\\" or all --', 'x or all'])(
    'a value that reads like the language selects nothing but its own name: %s',
    (account) => {
      expect(parseSelector(bindSelector('account = $account', { account }))).toEqual({
        node: 'compare',
        field: 'account',
        operator: '=',
        value: account,
      });
    },
  );

  it('is refused where it could widen the scope: in a pattern, under not, after !=', () => {
    for (const text of [
      'name ~ $account',
      'not account = $account',
      'account != $account',
      'not (system = a and account in (b, $account))',
    ])
      expect(() => parametersIn(text), text).toThrowError(/stands (after|under)/);
  });

  it('is refused when nobody knows it, and when its value is missing', () => {
    expect(() => parametersIn('account = $user')).toThrowError('there is no parameter $user');
    expect(() => bindSelector(where, {})).toThrowError('the parameter account is missing');
    expect(parametersIn('identity = $identity and system in ($system, ad)')).toEqual(['identity', 'system']);
  });
});
