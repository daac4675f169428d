// The estate file's block of a PostgreSQL system: no unprotected network by accident, globs that mean what they say, guesses that stay cautious.
import { describe, expect, test } from 'vitest';
import type { Io } from '../../kit/kit.ts';
import { config, endpoints, globPatterns } from './config.ts';
import { kindOf, ownerIn } from './guess.ts';
import { rulesOf } from './policy.ts';

const io = { path: (relative: string) => relative } as Io;
const block = (more: object) => ({ host: 'db.example.test', user: 'rekey', password: { env: 'PW' }, ...more });

describe('TLS', () => {
  test('is verify-full to another machine unless the file says otherwise, and left out on this one', () => {
    const tls = (more: object) => endpoints(config.parse(block(more)), io).map((endpoint) => endpoint.tls !== undefined);
    expect(tls({ replicas: [{ host: '127.0.0.1' }] })).toEqual([true, false]);
    expect(tls({ host: '/run/postgresql' })).toEqual([false]);
    expect(tls({ host: 'localhost', tls: {} })).toEqual([true]);
    expect(tls({ tls: { mode: 'disable' }, insecure: true })).toEqual([false]);
  });

  test('switched off to another machine is an error at its place, also for a replica', () => {
    const wrong = config.safeParse(block({ tls: { mode: 'disable' } }));
    expect(wrong.error?.issues[0]).toMatchObject({ path: ['host'], message: expect.stringContaining('insecure: true') });
    const replica = config.safeParse(
      block({ host: '::1', tls: { mode: 'disable' }, replicas: [{ host: '127.0.0.2' }, { host: '10.0.0.1' }] }),
    );
    expect(replica.error?.issues.map(({ path }) => path)).toEqual([['replicas', 1, 'host']]);
  });

  test('with a CA file that cannot be read names the file as written', () => {
    expect(() => endpoints(config.parse(block({ tls: { ca: './no-such-ca.pem' } })), io)).toThrow('./no-such-ca.pem');
  });
});

test('an unknown key and a password written into the file are errors', () => {
  expect(config.safeParse(block({ pasword: 1 })).success).toBe(false);
  expect(config.safeParse(block({ password: 'in the clear' })).success).toBe(false);
});

test('a glob takes whole names, and its other characters mean themselves', () => {
  const takes = (glob: string, name: string) => new RegExp(globPatterns([glob])[0] ?? '').test(name);
  expect(takes('svc-*', 'svc-orders')).toBe(true);
  expect(takes('svc-*', 'my-svc-orders')).toBe(false);
  expect(takes('a.b', 'axb')).toBe(false);
  expect(takes('a?', 'ab')).toBe(true);
  for (const name of ['a+b', '(x)', '[y]', '$1', 'back\\slash', '{3}', '^|']) expect(takes(name, name), name).toBe(true);
});

test('an owner is an e-mail in the comment; a person is somebody the name or the comment shows to be one', () => {
  expect(ownerIn('Orders, owner: Olga.O@Example.test (team red)')).toBe('olga.o@example.test');
  expect([ownerIn(null), ownerIn('nobody @ home')]).toEqual([undefined, undefined]);
  for (const [name, comment, kind] of [
    ['orders', null, 'service'],
    ['svc-orders', 'owner olga@example.test', 'service'],
    ['alice', 'alice@example.test', 'human'],
    ['orders', 'alice@example.test', 'service'],
    ['alice.miller', null, 'human'],
    ['app.orders', null, 'service'],
    ['bob', 'person', 'human'],
    ['carol@example.test', null, 'human'],
    ['ops', 'shared by the night shift', 'shared'],
    ['acme', 'vendor access', 'vendor'],
  ] as const)
    expect(kindOf(name, comment), name).toBe(kind);
});

test('password checks and lock-outs are read from the settings, and an unreadable list is not an empty one', () => {
  const row = {
    libraries: '',
    min_length: null,
    encrypted: null,
    max_failures: null,
    log_statement: 'none',
    encryption: 'scram-sha-256',
    iterations: null,
  };
  expect(rulesOf(row)).toMatchObject({ libraries: [], minLength: 0, maxFailures: 0, encryptedAllowed: undefined, logsOurs: false });
  expect(rulesOf({ ...row, libraries: null }).libraries).toBeUndefined();
  expect(rulesOf({ ...row, libraries: 'auth_delay, $libdir/passwordcheck' })).toMatchObject({
    libraries: ['auth_delay', 'passwordcheck'],
    minLength: 8,
  });
  expect(rulesOf({ ...row, libraries: 'credcheck', min_length: '12', encrypted: 'off', max_failures: '5' })).toMatchObject({
    minLength: 12,
    encryptedAllowed: false,
    maxFailures: 5,
  });
  expect(rulesOf({ ...row, log_statement: 'ddl' }).logsOurs).toBe(true);
  expect([rulesOf(row).iterations, rulesOf({ ...row, iterations: '10000' }).iterations]).toEqual([undefined, 10_000]);
});
