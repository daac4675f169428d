// Stored hashes against published vectors: MySQL's manual, MariaDB's documentation, crypt() of glibc and OpenSSL, hashcat's examples.
import { expect, test } from 'vitest';
import { secretOf } from '../../seal/secret.ts';
import { ed25519Hash, isPlain, nativeHash, sha2Hash, sha2Holds } from './password-hash.ts';
import { shaCrypt } from './sha-crypt.ts';

const secret = (text: string) => secretOf('test', text);

test('mysql_native_password: the hashes of the MySQL manual', () => {
  expect(nativeHash(secret('mypass'))).toBe('*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4');
  expect(nativeHash(secret('password'))).toBe('*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19');
});

test("ed25519: the hash of MariaDB's documentation", () => {
  expect(ed25519Hash(secret('secret'))).toBe('ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY');
});

test.each([
  ['Hello world!', 'saltstring', 5000, '5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
  ['Hello world!', 'saltstringsaltst', 10_000, '3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA'],
  ['This is just a test', 'toolongsaltstrin', 5000, 'Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5'],
] as const)('SHA-256 crypt of "%s" (glibc and OpenSSL agree)', (key, salt, rounds, digest) => {
  const computed = shaCrypt(Buffer.from(key), Buffer.from(salt), rounds);
  expect(computed).toHaveLength(43);
  expect(computed).toBe(digest);
});

test("caching_sha2_password: hashcat's example for mode 7401, with the server's own salt of 20 bytes", () => {
  const salt = Buffer.from('F9CC98CE08892924F50A213B6BC571A2C11778C5', 'hex');
  const digest = Buffer.from('625479393559393965414D45316477456B484F41316E64484742577A2E3162785353526B7554584647562F', 'hex').toString(
    'latin1',
  );
  expect(shaCrypt(Buffer.from('hashcat'), salt, 5000)).toBe(digest);
  const stored = `$A$005$${salt.toString('latin1')}${digest}`;
  expect(sha2Holds(stored, secret('hashcat'))).toBe(true);
  expect(sha2Holds(stored, secret('hashcat '))).toBe(false);
});

test('a caching_sha2_password hash has the form of the server, another salt each time, and is known again', () => {
  const [one, two] = [sha2Hash(secret('v1')), sha2Hash(secret('v1'))];
  for (const hash of [one, two]) expect(hash).toMatch(/^\$A\$005\$[./0-9A-Za-z]{20}[./0-9A-Za-z]{43}$/);
  expect(one).not.toBe(two);
  expect([sha2Holds(one, secret('v1')), sha2Holds(one, secret('v2'))]).toEqual([true, false]);
});

test('a hash of another kind is not taken for a mismatch', () => {
  for (const stored of ['', '*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4', '$A$005$short', '$5$x$y'])
    expect(sha2Holds(stored, secret('mypass'))).toBeUndefined();
});

test('only printable ASCII is taken, and never nothing', () => {
  expect(['a b~', '', 'ä', 'tab\t', 'nul\0'].map((text) => isPlain(secret(text)))).toEqual([true, false, false, false, false]);
});
