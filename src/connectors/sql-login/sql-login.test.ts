// The settings of a database login, and what PostgreSQL's answers mean where the password is checked elsewhere.
import { describe, expect, test } from 'vitest';
import type { Io } from '../../kit/kit.ts';
import { config, endpoints } from './config.ts';
import { loginMeanings, verdictOf } from './postgresql-verdict.ts';

const io = { path: (relative: string) => relative } as Io;
const block = (more: object) => ({ engine: 'postgresql', hosts: [{ host: 'db.example.test' }], ...more });
const issues = (more: object) => config.safeParse(block(more)).error?.issues.map(({ path }) => path.join('.'));

describe('settings', () => {
  test('every host is a replica of its own, on the port of its engine, under TLS unless it is this machine', () => {
    const hosts = [{ host: 'a.example.test' }, { host: '127.0.0.1', port: 15432 }, { host: '::1' }];
    const shown = (engine: string) =>
      endpoints(config.parse(block({ engine, hosts })), io).map(({ replica, tls }) => [replica, tls !== undefined]);
    expect(shown('postgresql')).toEqual([
      ['a.example.test:5432', true],
      ['127.0.0.1:15432', false],
      ['[::1]:5432', false],
    ]);
    expect(shown('mariadb')[0]).toEqual(['a.example.test:3306', true]);
  });

  test('without TLS to another machine, a password in clear, and options of the other engine are errors at their place', () => {
    expect(issues({ tls: { mode: 'disable' } })).toEqual(['hosts.0.host']);
    expect(issues({ tls: { mode: 'disable' }, insecure: true })).toBeUndefined();
    expect(issues({ engine: 'mariadb', tls: { mode: 'disable' }, insecure: true, clear: true })).toEqual(['clear']);
    expect(issues({ engine: 'mysql', external: true })).toEqual(['external']);
    expect(issues({ clear: true })).toEqual(['clear']);
    expect(issues({ hosts: [] })).toEqual(['hosts']);
    expect(issues({ user: 'fixed' })).toEqual(['user']);
  });
});

describe('an answer of PostgreSQL', () => {
  const verdict = (code: string, routine: string | undefined, more: Partial<{ asked: boolean; external: boolean }> = {}) =>
    verdictOf({ code, routine, asked: true, external: false, ...more });

  test.each([
    ['28P01', 'auth_failed', 'rejected'],
    ['28000', 'InitializeSessionUserId', 'blocked'],
    ['28000', 'auth_failed', 'indeterminate'],
    ['28000', 'ClientAuthentication', 'indeterminate'],
    ['3D000', 'InitPostgres', 'accepted'],
    ['53300', 'InitProcess', 'indeterminate'],
    ['53300', 'InitPostgres', 'accepted'],
    ['42501', 'CheckMyDatabase', 'accepted'],
    ['55000', 'CheckMyDatabase', 'accepted'],
    ['57P03', 'ProcessStartupPacket', 'indeterminate'],
    ['ECONNREFUSED', undefined, 'indeterminate'],
    ['XXXXX', 'auth_failed', 'indeterminate'],
  ] as const)('%s from %s is %s', (code, routine, expected) => {
    expect(verdict(code, routine)).toBe(expected);
  });

  test('before the password was asked for says nothing about it, whatever its code', () => {
    for (const { code, routines } of loginMeanings)
      expect(verdict(code, routines?.[0], { asked: false, external: true })).toBe('indeterminate');
  });

  test('28000 after the question is a refused password only where the estate file says that passwords are checked elsewhere', () => {
    expect(verdict('28000', 'auth_failed', { external: true })).toBe('rejected');
    expect(verdict('28000', 'ClientAuthentication', { external: true })).toBe('indeterminate');
  });
});
