// Names inside statements, and globs as LIKE patterns.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idOf, likePattern, literal, nameOf, quoted } from './account-name.ts';

test('a user may hold "@", a host may not: name and id are the same thing', () => {
  expect(nameOf('app@10.0.%')).toEqual({ user: 'app', host: '10.0.%' });
  expect(nameOf('olga@example.test@%')).toEqual({ user: 'olga@example.test', host: '%' });
  expect(nameOf('@localhost')).toEqual({ user: '', host: 'localhost' });
  expect([nameOf('no-such-account'), nameOf('a\0b@%')]).toEqual([undefined, undefined]);
  fc.assert(
    fc.property(fc.string(), fc.string(), (user, host) => {
      fc.pre(!host.includes('@') && !`${user}${host}`.includes('\0'));
      expect(nameOf(idOf({ user, host }))).toEqual({ user, host });
    }),
  );
});

test('a literal read back the way the server reads it is the text', () => {
  const read = (sql: string): string => sql.slice(1, -1).replace(/\\([\s\S])|''/g, (_, escaped?: string) => escaped ?? "'");
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.includes('\0'));
      const sql = literal(text);
      expect(read(sql)).toBe(text);
      expect(/^'(?:[^'\\]|''|\\[\s\S])*'$/.test(sql)).toBe(true);
    }),
  );
  expect(quoted({ user: "x' OR '1", host: '%' })).toBe("'x'' OR ''1'@'%'");
  expect(() => literal('a\0')).toThrow(RangeError);
});

test("a glob's own wildcards are * and ?, those of LIKE mean themselves", () => {
  expect(likePattern('svc_*')).toBe('svc!_%');
  expect(likePattern('100%?!')).toBe('100!%_!!');
});
