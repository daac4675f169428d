// Forms of htpasswd entries, what a scheme can hold, and what the estate file may ask for.
import { expect, test } from 'vitest';
import { secretOf } from '../../seal/secret.ts';
import { config } from './config.ts';
import { isSalted, isWeak, made, policyOf, schemeOf } from './hash.ts';

test.each([
  ['$2y$10$abc', 'bcrypt', true, false],
  ['$6$salt$hash', 'sha512-crypt', true, false],
  ['$5$salt$hash', 'sha256-crypt', true, false],
  ['$apr1$salt$hash', 'apr1', true, false],
  ['$1$salt$hash', 'md5-crypt', true, true],
  ['{SSHA}x', 'ssha', true, true],
  ['{SHA}x', 'sha1', false, true],
  ['{PLAIN}x', 'plain', false, true],
  ['$y$j9T$x', 'other-crypt', true, false],
  ['rqXexS6ZhobKA', 'des-or-plain', false, true],
  ['', 'none', false, false],
])('%s is %s', (hash, scheme, salted, weak) => {
  expect([schemeOf(hash), isSalted(hash), isWeak(hash)]).toEqual([scheme, salted, weak]);
});

test('no scheme is given a secret it would cut', () => {
  const sha = config.parse({ file: 'x' }).hash;
  const bcrypt = config.parse({ file: 'x', hash: { scheme: 'bcrypt' } }).hash;
  const kinds = (length: number) => [sha, bcrypt].map((hash) => policyOf(hash, secretOf('v', 'x'.repeat(length))).kind);
  expect(kinds(72)).toEqual(['done', 'done']);
  expect(kinds(73)).toEqual(['done', 'refused']);
  expect(kinds(511)).toEqual(['done', 'refused']);
  expect(kinds(512)).toEqual(['refused', 'refused']);
  expect(kinds(0)).toEqual(['refused', 'refused']);
  for (const text of ['a\nb', 'a\0b', 'a\rb']) expect(policyOf(sha, secretOf('v', text)).kind).toBe('refused');
});

test('rounds of the estate file stand in the hash', async () => {
  const { hash } = config.parse({ file: 'x', hash: { scheme: 'sha512-crypt', rounds: 7_000 } });
  const limits = { until: performance.now() + 5_000, signal: new AbortController().signal };
  const outcome = await made(hash, secretOf('v', 's'), limits);
  expect(outcome.kind === 'done' && outcome.value).toMatch(/^\$6\$rounds=7000\$/);
  expect(() => config.parse({ file: 'x', hash: { scheme: 'md5' } })).toThrow();
});
