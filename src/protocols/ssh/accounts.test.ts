// The lines of passwd and shadow, what a marker may be made of, and expiry dates that say what they replaced.

import { expect, test } from 'vitest';
import { scopeOf } from '../../kit/scope.ts';
import { hashIn, isExpired, isLocked, isName, markerOf, parsePasswd, parseShadow, schemeOf } from './accounts.ts';
import { blockedDay, restoredDay } from './expiry.ts';
import { kindOf, ownerIn } from './guess.ts';
import { inOrder } from './names.ts';

test('a name is one word for every tool, whatever else it holds', () => {
  for (const good of ['alice', 'a', 'Größe.用户', "o'brien$(id)", 'svc_1$', 'a-b']) expect(isName(good), good).toBe(true);
  for (const bad of ['', '-e', 'a b', 'a:b', 'a/b', 'a,b', 'a\nb', 'a\tb', '\u0001']) expect(isName(bad), JSON.stringify(bad)).toBe(false);
});

test('a shadow field is a hash, a locked hash, nothing, or open', () => {
  for (const [field, hash, locked, scheme] of [
    ['$6$salt$x', '$6$salt$x', false, 'sha512'],
    ['!$y$j9T$salt$x', '$y$j9T$salt$x', true, 'yescrypt'],
    ['!!$1$s$x', '$1$s$x', true, 'md5'],
    ['ab01FAX.bQRSU', 'ab01FAX.bQRSU', false, 'des'],
    ['!', undefined, true, 'none'],
    ['!!', undefined, true, 'none'],
    ['*', undefined, false, 'none'],
    ['!*', undefined, true, 'none'],
    ['', undefined, false, 'empty'],
  ] as const)
    expect([hashIn(field), isLocked(field), schemeOf(field)], field).toEqual([hash, locked, scheme]);
});

test('a marker moves with the hash, and where the salt is too short to hide it the hash is not in it', () => {
  const marker = (field: string, lastDay = 20_000): string => markerOf({ name: 'a', field, lastDay });
  const salted = '$6$rounds=7000$0123456789abcdef$xyz';
  expect(marker(salted)).toMatch(/^[0-9a-f]{64}$/);
  expect(marker(`!${salted}`)).toBe(marker(salted));
  expect(marker(salted)).not.toBe(marker(salted.replace('xyz', 'xyw')));
  expect(marker('$y$j9T$0123456789abcdef$xyz')).toMatch(/^[0-9a-f]{64}$/);
  expect(marker('ab01FAX.bQRSU')).toBe('des:20000');
  expect(marker('$6$short$xyz')).toBe('sha512:20000');
  expect(marker('*')).toBe('none:20000');
});

test('an account is expired from the day of its date on', () => {
  const [shadow] = parseShadow('a:*:20000:0:99999:7::20500:');
  expect(isExpired(shadow as NonNullable<typeof shadow>, new Date(20_499 * 86_400_000))).toBe(false);
  expect(isExpired(shadow as NonNullable<typeof shadow>, new Date(20_500 * 86_400_000))).toBe(true);
});

test('a block can be undone for every date, by anybody who reads it, and opens nothing that it did not close', () => {
  for (const day of [undefined, 20_454, 20_800, 28_000]) {
    const blocked = blockedDay(day, false);
    expect(typeof blocked).toBe('number');
    expect(restoredDay(blocked as number)).toBe(day ?? -1);
    // In the past on every clock.
    expect(blocked as number).toBeLessThan(11_000);
  }
  expect(blockedDay(28_001, false)).toBe('too-late');
  expect(blockedDay(10, true)).toBeUndefined();
  for (const foreign of [undefined, 0, 1, 10, 2_999, 10_548, 20_800]) expect(restoredDay(foreign), String(foreign)).toBeUndefined();
});

test('pages go by number and name, from any account on', () => {
  const lines = parsePasswd(
    'b:x:10:10::/:/bin/sh\nroot:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\na:x:9:9::/:/bin/sh\nbad line\nx:x:::::\n',
  );
  expect(inOrder(lines, undefined).map(({ name }) => name)).toEqual(['root', 'toor', 'a', 'b']);
  expect(inOrder(lines, '0:root').map(({ name }) => name)).toEqual(['toor', 'a', 'b']);
  // The account of the cursor has gone meanwhile.
  expect(inOrder(lines, '9:0').map(({ name }) => name)).toEqual(['a', 'b']);
});

test('a glob takes whole names, and its other characters mean themselves', () => {
  const takes = scopeOf({ include: ['svc-*', 'a?', '$1', 'a.b'], exclude: ['svc-x'] });
  for (const name of ['svc-orders', 'ab', '$1', 'a.b']) expect(takes(name), name).toBe(true);
  for (const name of ['svc-x', 'my-svc-a', 'axb', 'abc']) expect(takes(name), name).toBe(false);
});

test('a person has a number from 1000 on and a shell, unless name or comment say otherwise', () => {
  const kind = (text: string): string => kindOf(parsePasswd(text)[0] as NonNullable<ReturnType<typeof parsePasswd>[0]>);
  for (const [line, expected] of [
    ['alice:x:1000:1000:Alice <alice@example.test>:/home/alice:/bin/bash', 'human'],
    ['svc-a:x:1001:1001::/home/a:/bin/bash', 'service'],
    ['deploy:x:1002:1002::/home/d:/bin/bash', 'service'],
    ['www:x:33:33:www:/var/www:/usr/sbin/nologin', 'service'],
    ['nobody:x:65534:65534::/:/bin/sh', 'service'],
    ['root:x:0:0:root:/root:/bin/bash', 'shared'],
    ['kiosk:x:1003:1003:shared by the night shift:/home/k:/bin/sh', 'shared'],
  ] as const)
    expect(kind(line), line).toBe(expected);
  expect(ownerIn('Orders, owner Olga.O@Example.test')).toBe('olga.o@example.test');
});
