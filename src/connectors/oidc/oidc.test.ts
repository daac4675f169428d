// What needs no server: settings, and the forms in which the secret of a client is sealed.
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { config } from './config.ts';
import { heldText } from './held-text.ts';
import { secretWithin } from './slots.ts';

test('the secret is read from either form it is sealed in', () => {
  expect(secretWithin('plain-secret')).toBe('plain-secret');
  expect(secretWithin('{"client_id":"c","client_secret":"inner","registration_access_token":"t"}')).toBe('inner');
  expect(secretWithin('{not json')).toBe('{not json');
  expect(secretWithin('{"other":1}')).toBe('{"other":1}');
});

test('what the provider showed does not print', () => {
  const held = heldText('current', 'hunter2-hunter2');
  expect(`${JSON.stringify(held)} ${inspect(held, { showHidden: true })}`).not.toContain('hunter2');
  expect(Buffer.from(held.use((bytes) => bytes)).toString()).toBe('hunter2-hunter2');
});

test('a client is named once, and nothing is sent in the clear unless the estate file says so', () => {
  const client = { id: 'app' };
  expect(() => config.parse({ issuer: 'https://id.example.test', clients: [client, client] })).toThrow(/clients/);
  expect(() => config.parse({ issuer: 'http://id.example.test', clients: [client] })).toThrow(/issuer/);
  const registration = { url: 'http://id.example.test/reg/app', token: { env: 'T' } };
  expect(() => config.parse({ issuer: 'https://id.example.test', clients: [{ ...client, registration }] })).toThrow(/registration/);
  expect(config.parse({ issuer: 'https://id.example.test', clients: [client] }).accessTokens).toEqual({ form: 'jwt', seconds: 3600 });
});
