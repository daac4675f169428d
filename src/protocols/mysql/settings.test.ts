// The estate file's block of a MariaDB or MySQL system: no unprotected network by accident, and guesses that stay cautious.
import { describe, expect, test } from 'vitest';
import type { Io } from '../../kit/kit.ts';
import { kindOf, ownerIn } from './guess.ts';
import { endpoints, serverSettings } from './settings.ts';

const io = { path: (relative: string) => relative } as Io;
const block = (more: object) => ({ host: 'db.example.test', user: 'rekey', password: { env: 'PW' }, ...more });

describe('TLS', () => {
  test('is verify-full to another machine unless the file says otherwise, and left out on this one', () => {
    const tls = (more: object) => endpoints(serverSettings.parse(block(more)), io).map((endpoint) => endpoint.tls !== undefined);
    expect(tls({ replicas: [{ host: '127.0.0.1' }] })).toEqual([true, false]);
    expect(tls({ host: '/run/mysqld/mysqld.sock' })).toEqual([false]);
    expect(tls({ host: 'localhost', tls: {} })).toEqual([true]);
    expect(tls({ tls: { mode: 'disable' }, insecure: true })).toEqual([false]);
  });

  test('switched off to another machine is an error at its place, also for a replica', () => {
    const wrong = serverSettings.safeParse(block({ tls: { mode: 'disable' }, replicas: [{ host: '10.0.0.1' }, { host: '127.0.0.1' }] }));
    expect(wrong.error?.issues.map(({ path }) => path)).toEqual([['host'], ['replicas', 0, 'host']]);
  });
});

test('a server is named by host and port, a socket by its path', () => {
  const named = (more: object) => endpoints(serverSettings.parse(block(more)), io).map(({ replica }) => replica);
  expect(named({ host: '::1', replicas: [{ host: 'b.example.test', port: 3307 }] })).toEqual(['[::1]:3306', 'b.example.test:3307']);
  expect(named({ host: '/run/s.sock' })).toEqual(['/run/s.sock']);
});

test('an unknown key and a password written into the file are errors', () => {
  expect(serverSettings.safeParse(block({ pasword: 1 })).success).toBe(false);
  expect(serverSettings.safeParse(block({ password: 'in the clear' })).success).toBe(false);
});

test('an owner is an e-mail in the comment; a person is somebody the name or the comment shows to be one', () => {
  expect(ownerIn('Orders, owner: Olga.O@Example.test (team red)')).toBe('olga.o@example.test');
  for (const [user, comment, kind] of [
    ['', undefined, 'unknown'],
    ['orders', undefined, 'service'],
    ['alice', 'alice@example.test', 'human'],
    ['orders', 'alice@example.test', 'service'],
    ['alice.miller', undefined, 'human'],
    ['app.orders', undefined, 'service'],
    ['ops', 'shared by the night shift', 'shared'],
  ] as const)
    expect(kindOf(user, comment), user).toBe(kind);
});
