// Hashes: those published with the scheme, never twice the same, and made without holding up the process.
import { expect, test } from 'vitest';
import { secretOf } from '../../seal/secret.ts';
import { defaultRounds, hashOf, isHashOf, sha512crypt } from './sha512-crypt.ts';

/** Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", the test vectors of the reference implementation. */
const vectors = [
  [
    'saltstring',
    undefined,
    'Hello world!',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  [
    'saltstringsaltstring',
    10_000,
    'Hello world!',
    '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
  ],
  [
    'toolongsaltstring',
    5_000,
    'This is just a test',
    '$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0',
  ],
  [
    'anotherlongsaltstring',
    1_400,
    'a very much longer text to encrypt.  This one even stretches over morethan one line.',
    '$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1',
  ],
  [
    'short',
    77_777,
    'we have a short salt string but not a short password',
    '$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0',
  ],
  [
    'asaltof16chars..',
    123_456,
    'a short string',
    '$6$rounds=123456$asaltof16chars..$BtCwjqMJGx5hrJhZywWvt0RLE8uZ4oPwcelCjmw2kSYu.Ec6ycULevoBK25fs2xXgMNrCzIMVcgEJAstJeonj1',
  ],
] as const;

test('every published vector comes out', async () => {
  for (const [salt, rounds, key, hash] of vectors)
    expect(await sha512crypt(Buffer.from(key), salt, rounds ?? defaultRounds, rounds !== undefined), salt).toBe(hash);
});

test('two hashes of one secret share nothing, and say their rounds only where they are not the default', async () => {
  const secret = secretOf('v', 'same');
  const [one, two, more] = await Promise.all([hashOf(secret, 5_000), hashOf(secret, 5_000), hashOf(secret, 6_000)]);
  expect(one).toMatch(/^\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/);
  expect(more).toMatch(/^\$6\$rounds=6000\$[./0-9A-Za-z]{16}\$/);
  expect(one.slice(3, 19)).not.toBe(two.slice(3, 19));
});

test('a stored hash is known by its secret alone; another scheme, other rounds and a cut hash are not', async () => {
  const secret = secretOf('v', 'Hello world!');
  for (const [salt, rounds, key, hash] of vectors.slice(0, 2)) {
    expect(await isHashOf(hash, secretOf('v', key)), `${salt} ${rounds}`).toBe(true);
    expect(await isHashOf(hash, secretOf('v', `${key}.`))).toBe(false);
    expect(await isHashOf(hash.slice(0, -1), secretOf('v', key))).toBe(false);
  }
  for (const other of ['', '*', '{PLAIN}Hello world!', '$apr1$x$y', '$6$rounds=900000000$abc$', '$2y$05$abc'])
    expect(await isHashOf(other, secret)).toBe(false);
});
