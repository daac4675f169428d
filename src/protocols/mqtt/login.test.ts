// The bytes of an MQTT 3.1.1 CONNECT, as the standard lays them out.
import { expect, test } from 'vitest';
import { connect } from './login.ts';

test('a CONNECT holds protocol, level, flags, keep-alive, client, user and password', () => {
  expect(connect('c1', 'ü', Buffer.from('pw')).toString('hex')).toBe(
    ['10', '16', '0004', '4d515454', '04', 'c2', '000a', '0002', '6331', '0002', 'c3bc', '0002', '7077'].join(''),
  );
});

test.each([
  [100, '10', '7a'],
  [200, '10', 'de01'],
  [20_000, '10', 'b69c01'],
])('the length of a password of %d bytes is counted seven bits a byte', (length, type, size) => {
  const bytes = connect('c1', 'user', Buffer.alloc(length));
  const rest = bytes.length - 1 - size.length / 2;
  expect(bytes.toString('hex').startsWith(type + size)).toBe(true);
  expect(rest).toBe(10 + 4 + 6 + 2 + length);
});
