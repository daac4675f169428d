// A value in a filter is only ever a value; the estate file's filters are read exactly, decided here as the server decides them.

import fc from 'fast-check';
import { BerWriter, FilterParser } from 'ldapts';
import { describe, expect, test } from 'vitest';
import { encode } from './ber.ts';
import { and, equal, filterBer, matches, not, or, present, typesOf } from './filter.ts';
import { FilterError, parseFilter } from './filter-text.ts';

const reference = (source: string): string => {
  const writer = new BerWriter();
  FilterParser.parseString(source).write(writer);
  return writer.buffer.toString('hex');
};
const ours = (source: string): string => encode(filterBer(parseFilter(source))).toString('hex');

describe('filters of the estate file', () => {
  test.each([
    '(objectClass=person)',
    '(uid=*)',
    '(&(objectClass=person)(!(uid=svc-*)))',
    '(|(uid=a*b*c)(uid=*z)(mail=*@lab.test))',
    '(&(uidNumber>=1000)(uidNumber<=2000)(cn~=smith))',
    '(cn=a\\2ab\\28c\\29\\5c)',
  ])('%s encodes as another LDAP client encodes it', (source) => {
    expect(ours(source)).toBe(reference(source));
  });

  test('an attribute may carry options', () => {
    expect(parseFilter('(userCertificate;binary=*)')).toEqual({ op: 'present', type: 'userCertificate;binary' });
  });

  test('parentheses around the whole may be left out', () => {
    expect(ours('uid=alice')).toBe(ours('(uid=alice)'));
  });

  test.each(['', '(', '(uid=a', '(uid=a))', '((uid=a))', '(&(uid=a)', '(uid>=a*)', '(=a)', '(uid=a(b)', '(uid=\\zz)', '(uid=\\)'])(
    '%j is refused with a column',
    (source) => {
      expect(() => parseFilter(source)).toThrow(FilterError);
      expect(() => parseFilter(source)).toThrow(/^column \d+: /);
    },
  );

  test('deep nesting is refused, not a stack overflow', () => {
    expect(() => parseFilter(`${'(!'.repeat(100_000)}(a=b)${')'.repeat(100_000)}`)).toThrow(FilterError);
  });
});

describe('values', () => {
  test('no value becomes a part of a filter: it is one assertion, byte for byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const encoded = encode(filterBer(equal('uid', value)));
        expect(encoded[0]).toBe(0xa3);
        expect(encoded.subarray(encoded.length - Buffer.byteLength(value)).equals(Buffer.from(value))).toBe(true);
      }),
    );
    expect(encode(filterBer(equal('uid', '*)(objectClass=*'))).toString('latin1')).toContain('*)(objectClass=*');
  });

  test('decided here as on the server', () => {
    const entry: Record<string, readonly string[]> = { uid: ['Svc-Backup'], objectclass: ['account', 'top'] };
    const read = (type: string) => entry[type.toLowerCase()] ?? [];
    expect(matches(parseFilter('(&(objectClass=ACCOUNT)(uid=svc-*))'), read)).toBe(true);
    expect(matches(parseFilter('(uid=*c-b*k*p)'), read)).toBe(true);
    expect(matches(parseFilter('(uid=svc-backup*backup)'), read)).toBe(false);
    expect(matches(parseFilter('(!(mail=*))'), read)).toBe(true);
    expect(matches(and(present('uid'), or(equal('uid', 'x'), not(equal('uid', 'y')))), read)).toBe(true);
    expect(typesOf(parseFilter('(&(a=1)(|(b=*)(!(c=x*))))'))).toEqual(['a', 'b', 'c']);
  });
});
