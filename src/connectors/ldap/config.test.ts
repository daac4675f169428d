// A configuration that would send passwords in the clear, or that means nothing, is refused at its place.
import { describe, expect, test } from 'vitest';
import { config } from './config.ts';

const base = { base: 'dc=lab,dc=test', bind: { dn: 'cn=rekey,dc=lab,dc=test', password: { env: 'BIND' } } };
const issues = (part: Record<string, unknown>) =>
  config.safeParse({ ...base, ...part }).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('transport', () => {
  test.each([
    [{ url: 'ldap://ldap.example.test' }, 'url'],
    [{ url: 'ldap://127.0.0.1.example.test' }, 'url'],
    [{ url: 'ldap://localhost.example.test' }, 'url'],
    [{ url: 'ldaps://a.test', replicas: ['ldaps://b.test', 'ldap://10.0.0.7'] }, 'replicas.1'],
  ])('%j sends passwords in the clear and is refused', (part, place) => {
    expect(issues(part)).toEqual([expect.stringMatching(new RegExp(`^${place}: .*insecure: true`))]);
  });

  test.each([
    { url: 'ldaps://ldap.example.test' },
    { url: 'ldap://ldap.example.test', startTls: true },
    { url: 'ldap://ldap.example.test', insecure: true },
    { url: 'ldap://127.0.0.1:3389' },
    { url: 'ldap://[::1]:3389' },
    { url: 'ldap://localhost' },
  ])('%j is taken', (part) => expect(issues(part)).toEqual([]));
});

describe('values', () => {
  test.each([
    [{ url: 'https://a.test' }, /^url: expected ldap/],
    [{ url: 'ldaps://user:secret@a.test' }, /^url: expected ldap/],
    [{ url: 'ldaps://a.test/dc=x' }, /^url: expected ldap/],
    [{ url: 'ldaps://a.test', base: 'lab.test' }, /^base: expected a DN/],
    [{ url: 'ldaps://a.test', filter: '(uid=' }, /^filter: LDAP filter, column/],
    [{ url: 'ldaps://a.test', bind: { dn: 'cn=a', password: 'plain' } }, /^bind\.password: /],
    [{ url: 'ldaps://a.test', colour: 'red' }, /colour/],
  ])('%j is refused at its place', (part, shown) => expect(issues(part).join('\n')).toMatch(shown));
});
