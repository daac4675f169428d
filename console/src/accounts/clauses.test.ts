import { describe, expect, test } from 'vitest';
import { clausesOf, quoted, selectorOf, valueIn, withClause, withoutClause, withValue } from './clauses.ts';

describe('a quick filter leaves what was typed as it is', () => {
  test.each([
    ['all', []],
    ['tier = 0', ['tier = 0']],
    ['tier = 0 and exposed AND name ~ "a and b"', ['tier = 0', 'exposed', 'name ~ "a and b"']],
    ['(a = 1 or b = 2) and exposed', ['(a = 1 or b = 2)', 'exposed']],
    ['tier = 0 or exposed', ['(tier = 0 or exposed)']],
    ['name = "say \\" and run" and exposed', ['name = "say \\" and run"', 'exposed']],
    ['owner = brandon and standby = x', ['owner = brandon', 'standby = x']],
    ['name = "unfinished and exposed', ['name = "unfinished and exposed']],
  ])('%s', (where, clauses) => {
    expect(clausesOf(where)).toEqual(clauses);
  });

  test('adding and taking away ends where it began, and adding twice is adding once', () => {
    const where = 'tier <= 1 and name ~ "svc-*"';
    const more = withClause(where, 'exposed');
    expect(more).toBe('tier <= 1 and name ~ "svc-*" and exposed');
    expect(withClause(more, 'exposed')).toBe(more);
    expect(withoutClause(more, 'exposed')).toBe(where);
    expect(withoutClause('exposed', 'exposed')).toBe('all');
    expect(withClause('tier = 0 or tier = 1', 'exposed')).toBe('(tier = 0 or tier = 1) and exposed');
  });

  test('a chosen value takes the place of the one before', () => {
    expect(valueIn('exposed and system = corp-ldap', 'system')).toBe('corp-ldap');
    expect(valueIn('system != corp-ldap', 'system')).toBeNull();
    expect(withValue('exposed and system = corp-ldap', 'system', 'hr')).toBe('exposed and system = hr');
    expect(withValue('system = corp-ldap', 'system', null)).toBe('all');
  });
});

test('rows named one by one are named whatever stands in their names', () => {
  expect(quoted('uid=a"b\\c')).toBe('"uid=a\\"b\\\\c"');
  expect(selectorOf([{ system: 'corp-ldap', account: 'uid=a' }])).toBe('system = corp-ldap and name = "uid=a"');
  expect(
    selectorOf([
      { system: 'a', account: 'x' },
      { system: 'b', account: 'y z' },
      { system: 'a', account: 'w' },
    ]),
  ).toBe('(system = a and name in (x, w)) or (system = b and name = "y z")');
});
