// No account name changes what a DN means: escaping round-trips, and two spellings of one name compare equal.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeValue, leafOf, normalDn, parseDn } from './dn.ts';

/** Leading and trailing spaces count only when escaped; that is what escapeValue is for. */
const anyValue = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });

describe('escaping', () => {
  test('any value comes back from a DN as it went in, and stays one RDN', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const parsed = parseDn(`uid=${escapeValue(value)},ou=people,dc=lab`);
        expect(parsed?.length).toBe(3);
        expect(parsed?.[0]).toEqual([{ type: 'uid', value }]);
      }),
    );
  });

  test.each([
    ['alice,ou=admins', 'alice\\,ou\\=admins'],
    ['a+cn=root', 'a\\+cn\\=root'],
    [' padded ', '\\ padded\\ '],
    ['#hash', '\\#hash'],
    ['back\\slash', 'back\\\\slash'],
    ['nul\0', 'nul\\00'],
    [' ', '\\ '],
  ])('%j cannot leave its place', (value, escaped) => {
    expect(escapeValue(value)).toBe(escaped);
    expect(leafOf(`uid=${escaped},dc=lab`)?.login).toBe(value);
  });
});

describe('reading', () => {
  test('hex pairs, multi-valued RDNs and spaces around separators', () => {
    expect(parseDn('CN=Lu\\C4\\8Di\\C4\\87 + uid=l, dc = lab')).toEqual([
      [
        { type: 'CN', value: 'Lučić' },
        { type: 'uid', value: 'l' },
      ],
      [{ type: 'dc', value: 'lab' }],
    ]);
    expect(leafOf('cn=A+uid=b,dc=lab')).toEqual({ name: 'cn=A+uid=b', login: 'A' });
  });

  test('what is no DN is undefined', () => {
    for (const bad of ['alice', 'uid', '=x', 'uid=a,', 'uid=a,b', 'u id=a', 'uid=a\\']) expect(parseDn(bad)).toBeUndefined();
    expect(parseDn('')).toEqual([]);
  });

  test('two spellings of one name are one name; two names stay two', () => {
    expect(normalDn('UID=Alice , OU=People,DC=lab')).toBe(normalDn('uid=alice,ou=people,dc=lab'));
    expect(normalDn('cn=a+uid=b,dc=x')).toBe(normalDn('uid=B+CN=a,dc=x'));
    expect(normalDn('uid=a\\,b,dc=x')).toBe(normalDn('uid=a\\2cb,dc=x'));
    expect(normalDn('uid=a\\,dc=x')).not.toBe(normalDn('uid=a,dc=x'));
  });
});
