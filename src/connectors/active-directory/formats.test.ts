// What controllers store, byte for byte: identities, times, replication metadata, and the values a reset sends.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Secret } from '../../kit/kit.ts';
import { fromFiletime, secondsOf } from './filetime.ts';
import { weaknessesOf } from './flags.ts';
import { guidText, isGuid, ridOf, sidText } from './identity.ts';
import { throwAway, unicodePwd } from './password-value.ts';
import { attributeIds, stampsOf, stampText } from './replication.ts';

const secret = (value: string): Secret => ({ label: 'x', use: (f) => f(Buffer.from(value)), text: (f) => f(value) });
const textOf = (value: Secret): string => value.text((text) => text);

test('a GUID is written as people read it: the first three fields are little-endian', () => {
  expect(guidText(Buffer.from('00112233445566778899aabbccddeeff', 'hex'))).toBe('33221100-5544-7766-8899-aabbccddeeff');
  expect(isGuid('33221100-5544-7766-8899-aabbccddeeff')).toBe(true);
  expect(isGuid('no-such-account')).toBe(false);
  expect(() => guidText(Buffer.alloc(15))).toThrow(RangeError);
});

test('a SID is written as people read it, and its last part names the account', () => {
  const administrator = Buffer.from('010500000000000515000000a065cf7e784b9b5fe77c8770f4010000', 'hex');
  expect(sidText(administrator)).toBe('S-1-5-21-2127521184-1604012920-1887927527-500');
  expect(ridOf('S-1-5-21-2127521184-1604012920-1887927527-500')).toBe(500);
  expect(() => sidText(Buffer.from('0105', 'hex'))).toThrow(RangeError);
});

test('FILETIME: steps of 100 ns since 1601; 0 and "never" are no times', () => {
  expect(fromFiletime('116444736000000000')?.toISOString()).toBe('1970-01-01T00:00:00.000Z');
  expect(fromFiletime('132223104001234567')?.toISOString()).toBe('2020-01-01T00:00:00.123Z');
  for (const none of [undefined, '0', '-1', '9223372036854775807', 'x']) expect(fromFiletime(none)).toBeUndefined();
});

test('lengths of time are negative; 0 and "for ever" are none', () => {
  expect(secondsOf('-864000000000')).toBe(86_400);
  expect(secondsOf('-18000000000')).toBe(1_800);
  for (const none of [undefined, '0', '-9223372036854775808', '5']) expect(secondsOf(none)).toBe(0);
});

test('replPropertyMetaData gives the originating write of each attribute, and nothing where it is cut short or of another version', () => {
  const blob = Buffer.alloc(16 + 48);
  blob.writeUInt32LE(1, 0);
  blob.writeUInt32LE(1, 8);
  blob.writeUInt32LE(attributeIds.unicodePwd, 16);
  blob.writeUInt32LE(7, 20);
  blob.writeBigUInt64LE(13_222_310_400n, 24);
  Buffer.from('00112233445566778899aabbccddeeff', 'hex').copy(blob, 32);
  blob.writeBigUInt64LE(4711n, 48);
  const stamp = stampsOf(blob)?.get(attributeIds.unicodePwd);
  expect(stamp).toEqual({ version: 7, at: new Date('2020-01-01T00:00:00Z'), origin: '33221100-5544-7766-8899-aabbccddeeff', usn: 4711n });
  expect(stampText(stamp)).toBe('7.33221100.4711');
  expect(stampsOf(blob.subarray(0, 60))).toBeUndefined();
  blob.writeUInt32LE(2, 0);
  expect(stampsOf(blob)).toBeUndefined();
});

test('a password goes out between quotes in UTF-16LE, without a byte order mark', () => {
  expect(unicodePwd(secret('newPassword'), (bytes) => Buffer.from(bytes).toString('base64'))).toBe('IgBuAGUAdwBQAGEAcwBzAHcAbwByAGQAIgA=');
});

test('the throw-away value is the same for a replay, another for another value or account, and as long as the new one', () => {
  const password = fc.string({ minLength: 8, maxLength: 64 });
  fc.assert(
    fc.property(password, password, (one, other) => {
      const first = textOf(throwAway(secret(one), 'a'));
      expect(textOf(throwAway(secret(one), 'A'))).toBe(first);
      expect(textOf(throwAway(secret(one), 'b'))).not.toBe(first);
      if (one !== other) expect(textOf(throwAway(secret(other), 'a'))).not.toBe(first);
      expect(first).not.toBe(one);
      expect(first.length).toBe(one.length);
      for (const wanted of [/[A-Z]/, /[a-z]/, /\d/, /[^A-Za-z\d]/]) expect(first).toMatch(wanted);
    }),
  );
});

test('weak accounts are told by flag, and a service name makes the key guessable offline', () => {
  expect(weaknessesOf(0x200, false, undefined)).toEqual([]);
  expect(weaknessesOf(0x20 | 0x80 | 0x400000 | 0x200000 | 0x10000 | 0x80000, false, undefined)).toEqual([
    'password-not-required',
    'reversible-password',
    'no-preauthentication',
    'des-only',
    'password-never-expires',
    'unconstrained-delegation',
  ]);
  expect(weaknessesOf(0x200, true, 4)).toEqual(['kerberoastable', 'no-aes']);
  expect(weaknessesOf(0x200, true, 0x1c)).toEqual(['kerberoastable']);
});
