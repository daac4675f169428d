// What needs no server: settings that could not work, or would send passwords in the clear.
import { expect, test } from 'vitest';
import { config } from './config.ts';

test('the password grant needs a client that asks; clients ask for themselves', () => {
  expect(() => config.parse({ tokenUrl: 'https://id.example.test/token' })).toThrow(/client/);
  expect(config.parse({ tokenUrl: 'https://id.example.test/token', grant: 'client_credentials' }).auth).toBe('client_secret_basic');
});

test('no node is spoken to in the clear across a network', () => {
  const base = { grant: 'client_credentials', tokenUrl: 'https://id.example.test/token' };
  expect(() => config.parse({ ...base, replicas: ['http://id2.example.test/token'] })).toThrow(/replicas/);
  expect(() => config.parse({ ...base, revocationUrl: 'http://id.example.test/revoke' })).toThrow(/revocationUrl/);
});
