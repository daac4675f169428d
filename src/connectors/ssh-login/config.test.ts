// The estate file's block of an SSH login path: no host without a pinned key, no name without an account in it.
import { expect, test } from 'vitest';
import { config } from './config.ts';

const host = { host: 'h.example.test', hostKey: `SHA256:${'A'.repeat(43)}` };
const places = (block: object): string[] | undefined => config.safeParse(block).error?.issues.map(({ path }) => path.join('.'));

test('every host has its pinned key, and a mistake is told at its place', () => {
  expect(places({ hosts: [host] })).toBeUndefined();
  expect(places({ hosts: [host, { host: 'h' }] })).toEqual(['hosts.1.hostKey']);
  expect(places({ hosts: [{ ...host, hostKey: [] }] })).toEqual(['hosts.0.hostKey']);
  expect(places({ hosts: [] })).toEqual(['hosts']);
  expect(places({ hosts: [{ ...host, port: 0 }] })).toEqual(['hosts.0.port']);
});

test('the user name is made from the account, and the kind of secret is guessed unless the file says it', () => {
  expect(config.parse({ hosts: [host] })).toMatchObject({ user: '{login}', method: 'auto', hosts: [{ port: 22 }] });
  expect(places({ hosts: [host], user: 'alice' })).toEqual(['user']);
  expect(places({ hosts: [host], method: 'agent' })).toEqual(['method']);
});
