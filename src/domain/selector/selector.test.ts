// Guarantees of the selector language: what is printed parses back, and what is wrong is refused at its place with the likely meaning.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../problem.ts';
import { compileSelector } from './compile.ts';
import { matches, type SelectorRow } from './matches.ts';
import { parseSelector } from './parse.ts';
import { printSelector } from './print.ts';

const refusal = (text: string): Problem => {
  try {
    parseSelector(text);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
};

const row: SelectorRow = {
  system: 'corp-ldap',
  name: 'uid=svc-pay,dc=example',
  login: 'svc-pay',
  identity: null,
  person: null,
  kind: 'service',
  owner: null,
  managed: 'enterprise',
  tier: 1,
  tags: ['payments'],
  privileged: false,
  shared: false,
  enabled: true,
  exposed: false,
  changedAt: null,
  resetAt: null,
  state: null,
};
const now = new Date('2026-11-21T00:00:00Z');
const selects = (text: string, over: Partial<SelectorRow> = {}) => matches(parseSelector(text), { ...row, ...over }, now);

describe('parsing', () => {
  it('never fails with anything but an invalid-selector Problem that has a column and a hint', () => {
    const soup = fc.array(
      fc.constantFrom(
        'and',
        'or',
        'not',
        'in',
        '(',
        ')',
        ',',
        '=',
        '!=',
        '~',
        '<',
        '"a b"',
        "'",
        'tier',
        'tag:x',
        'age',
        '90d',
        'exposed',
        '\\',
        'é',
        '&&',
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          soup.map((words) => words.join(' ')),
        ),
        (text) => {
          try {
            parseSelector(text);
          } catch (error) {
            expect(error).toBeInstanceOf(Problem);
            const problem = error as Problem; // just checked
            expect(problem.code).toBe('invalid-selector');
            expect(problem.place).toMatch(/^column \d+$/);
            expect(problem.hint).toBeTruthy();
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
  it('binds not before and before or', () => {
    expect(printSelector(parseSelector('not exposed and shared or enabled'))).toBe(
      '(not exposed = true and shared = true) or enabled = true',
    );
  });
  it('reads the example of the interface document', () => {
    const text = `system = corp-ldap and tier <= 1 and kind in (service, application) and not tag = exempt and age > 90d and name ~ "svc-*"`;
    expect(selects(text)).toBe(true);
    expect(selects(text, { tags: ['exempt'] })).toBe(false);
  });
  it('treats tag:x, !~ and not in as the longer forms', () => {
    expect(parseSelector('tag:x')).toEqual(parseSelector('tag = x'));
    expect(parseSelector('name !~ a*')).toEqual(parseSelector('not name ~ a*'));
    expect(parseSelector('kind not in (human)')).toEqual(parseSelector('not kind in (human)'));
  });
});

describe('refusing', () => {
  it.each([
    ['', 1, 'say --where all'],
    ['   ', 1, 'say --where all'],
    ['sytem = x', 1, 'did you mean system?'],
    ['system:ad', 1, 'write system = ad'],
    ['kind = servce', 8, 'did you mean service?'],
    ['state = compleet', 9, 'did you mean complete?'],
    ['tier = 7', 8, '0 (control plane)'],
    ['tier == 1', 6, 'write ='],
    ['system = a && tier = 1', 12, 'write and'],
    ['age = 90d', 5, 'use <'],
    ['age > 90x', 7, 'd, w, y'],
    ['age > 999y', 7, 'shorter'],
    ['owner < b', 7, 'in (…)'],
    ['kind ~ s*', 6, 'kind = '],
    ['owner ~ none', 7, 'owner = none'],
    ['system = "a', 10, 'closing'],
    ['(exposed', 9, 'parenthesis'],
    ['exposed shared', 9, 'and, or'],
    ['name = and', 8, 'in quotes'],
    ['kind in (service', 17, 'close the list'],
    ['name', 5, 'name = '],
    ['system =', 9, 'system = corp-ldap'],
  ])('%s: at column %i, saying "%s"', (text, column, hint) => {
    const problem = refusal(text);
    expect(problem.place).toBe(`column ${column}`);
    expect(problem.hint).toContain(hint);
  });
  it('puts the caret under the place, also in a long selector', () => {
    const text = `${'exposed or '.repeat(40)}tier = 9`;
    const [, shown = '', caret = ''] = refusal(text).message.split('\n');
    expect(shown[caret.indexOf('^')]).toBe('9');
    expect(shown.length).toBeLessThan(140);
  });
  it('survives deep nesting by refusing it', () => {
    expect(refusal(`${'('.repeat(5000)}all${')'.repeat(5000)}`).message).toContain('too deeply');
    expect(refusal(`${'not '.repeat(4000)}all`).message).toContain('too deeply');
  });
});

describe('meaning', () => {
  it('counts an unknown age as older than any', () => {
    expect(selects('age > 10y')).toBe(true);
    expect(selects('age < 10y')).toBe(false);
    expect(selects('age > 90d', { changedAt: new Date('2026-11-01T00:00:00Z') })).toBe(false);
  });
  it('takes Rekey’s own reset before the target’s record', () => {
    expect(selects('age < 1d', { changedAt: new Date(0), resetAt: new Date('2026-11-20T12:00:00Z') })).toBe(true);
  });
  it('finds an account by login as by name', () => {
    expect(selects('account = svc-pay')).toBe(true);
    expect(selects('name = "uid=svc-pay,dc=example"')).toBe(true);
    expect(selects('name != svc-pay')).toBe(false);
  });
  it('reads none as the absence of an owner, quoted "none" as a name', () => {
    expect(selects('owner = none')).toBe(true);
    expect(selects('owner = "none"')).toBe(false);
    expect(selects('owner != bob@example.test')).toBe(true);
  });
});

describe('compiling', () => {
  it('puts no value into the SQL text', () => {
    const evil = `x'); drop table account; --`;
    const { sql, params } = compileSelector(`name = "${evil}" and tag in ("${evil}") and owner ~ "${evil}*"`, { firstParam: 3, now });
    expect(sql).not.toContain('drop');
    expect(sql).toContain('$3::text');
    expect(params.flat()).toContain(evil);
  });
});
