// Verifiers: the one of RFC 7677's example, never twice the same, and only for secrets that every client prepares alike.
import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { secretOf } from '../../seal/secret.ts';
import { isPlain, verifierOf } from './scram.ts';

test('the verifier of the example in RFC 7677 §3 takes its client proof and makes its server signature', async () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const verifier = await verifierOf(secretOf('example', 'pencil'), 4096, salt);
  const match = verifier.match(/^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$([\w+/=]{44}):([\w+/=]{44})$/);
  const [storedKey, serverKey] = [1, 2].map((n) => Buffer.from(match?.[n] ?? '', 'base64')) as [Buffer, Buffer];
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const message = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=${nonce}`;
  const signature = createHmac('sha256', storedKey).update(message).digest();
  const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64');
  const clientKey = proof.map((byte, n) => byte ^ (signature[n] ?? 0));
  expect(createHash('sha256').update(clientKey).digest()).toEqual(storedKey);
  expect(createHmac('sha256', serverKey).update(message).digest('base64')).toBe('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
});

test('two verifiers of one secret share nothing, and hold the rounds the server asked for', async () => {
  const [one, two] = await Promise.all([1, 2].map(() => verifierOf(secretOf('v', 'same'), 5000)));
  expect(one).toMatch(/^SCRAM-SHA-256\$5000:/);
  expect(one?.split(/[$:]/).slice(2)).not.toEqual(two?.split(/[$:]/).slice(2));
});

test('the loop goes on turning while verifiers are made', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await Promise.all(Array.from({ length: 40 }, () => verifierOf(secretOf('v', 'secret'), 20_000)));
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
});

test('a secret outside printable ASCII, or empty, is not plain', () => {
  for (const good of ['a', ' ~', 'quote\'and"back\\slash']) expect(isPlain(secretOf('v', good))).toBe(true);
  for (const bad of ['', 'ä', 'a\u00a0b', 'a\tb', 'a\0b', '\u007f']) expect(isPlain(secretOf('v', bad))).toBe(false);
});
