// What the Redis connector reads without a server: its block of the estate file, rules, client lines, the ACL log, how users are kept.

import { describe, expect, test } from 'vitest';
import { scopeOf } from '../../kit/scope.ts';
import type { Answer } from '../../protocols/redis/link.ts';
import type { Reply } from '../../protocols/redis/resp.ts';
import { secretOf } from '../../seal/secret.ts';
import { clientOf } from './clients.ts';
import { config } from './config.ts';
import { failuresOf } from './failures.ts';
import { kindOf } from './inventory.ts';
import { persistBy } from './persist.ts';
import { isPrivileged, lackingRights } from './rights.ts';
import { userOf } from './user.ts';
import { hashOf } from './write.ts';

const block = (more: object = {}) => ({ host: 'cache.example.test', password: { env: 'PW' }, ...more });
const reply = (value: Reply): Answer => ({ kind: 'reply', value });

describe('the estate file', () => {
  test('switching TLS off to another machine is an error at its place, also for a node', () => {
    expect(config.safeParse(block({ tls: { mode: 'disable' } })).error?.issues[0]).toMatchObject({ path: ['host'] });
    const node = config.safeParse(block({ host: '127.0.0.1', tls: { mode: 'disable' }, nodes: [{ host: '10.0.0.1' }] }));
    expect(node.error?.issues.map(({ path }) => path)).toEqual([['nodes', 0, 'host']]);
    expect(config.safeParse(block({ tls: { mode: 'disable' }, insecure: true })).success).toBe(true);
  });

  test('an unknown key and a password in the file are errors', () => {
    expect(config.safeParse(block({ pasword: 1 })).success).toBe(false);
    expect(config.safeParse(block({ password: 'in clear' })).success).toBe(false);
  });

  test('a glob means what it says', () => {
    const scope = (include: string[], exclude: string[], name: string) => scopeOf({ include, exclude })(name);
    expect([scope([], [], 'any'), scope(['app-*'], [], 'app-1'), scope(['app-*'], ['*-1'], 'app-1'), scope(['a.p'], [], 'app')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

test('the hash is the SHA-256 the server keeps', () => {
  // FIPS 180-2, appendix B.1.
  expect(hashOf(secretOf('abc', 'abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

describe('rules', () => {
  test.each([
    ['+@all', true],
    ['-@all +@read +@write', false],
    ['+@all -@dangerous', false],
    ['+@all -@admin', false],
    ['+@all -@dangerous +@slow', true],
    ['-@all +acl|whoami', false],
    ['-@all +acl|setuser', true],
    ['-@all +config|get', false],
    ['-@all +config', true],
    ['+@all -@all +get', false],
    ['-@all +@admin -acl -config -module -debug -replicaof -slaveof', false],
  ])('%s privileged: %s', (rules, privileged) => {
    expect(isPrivileged(rules)).toBe(privileged);
  });

  test('name each command that is missing', () => {
    expect(lackingRights('+@all')).toEqual([]);
    expect(lackingRights('+@all -config|rewrite')).toEqual(['config|rewrite']);
    expect(lackingRights('-@all +acl +client +config +info')).toEqual(['time']);
    expect(lackingRights('-@all')).toHaveLength(12);
  });
});

test('a client line gives number, user, address and the second it began in; what is none is left out', () => {
  const now = new Date('2026-01-01T00:00:10.700Z');
  const line = 'id=7 addr=[::1]:5000 laddr=[::1]:6379 fd=8 name=worker age=4 idle=0 flags=S db=0 cmd=ping user=app redir=-1 resp=2';
  expect(clientOf(line, now)).toEqual([
    { id: 7, user: 'app', address: '[::1]:5000', name: 'worker', startedAt: new Date('2026-01-01T00:00:06.000Z'), replica: true },
  ]);
  for (const odd of ['', 'id=x age=1', 'txt:hello', 'id=3 addr=a']) expect(clientOf(odd, now)).toEqual([]);
});

test('a user is read from flags and passwords; a user that is not there, and a form we do not know, are told apart', () => {
  const found = userOf(reply(['flags', ['on', 'nopass'], 'passwords', [], 'commands', '+@all']), 'here');
  expect(found).toEqual({ kind: 'done', value: { on: true, nopass: true, hashes: [], commands: '+@all' } });
  expect(userOf(reply(null), 'here')).toEqual({ kind: 'done', value: undefined });
  for (const odd of ['OK', 7, ['flags', 'on'], []] as const) expect(userOf(reply(odd as Reply), 'here').kind).toBe('indeterminate');
  expect(userOf(undefined, 'here').kind).toBe('indeterminate');
});

test('refused logins are counted by user and place, and only those: other entries of the log are not logins', () => {
  const entry = (reason: string, username: string) => [
    'count',
    2,
    'reason',
    reason,
    'username',
    username,
    'age-seconds',
    '7.6',
    'client-info',
    'id=1 addr=10.0.0.9:4711 laddr=x',
  ];
  const found = failuresOf(reply([entry('auth', 'app'), entry('command', 'app'), entry('auth', 'cart')]));
  expect(found.get('app')).toEqual([{ from: '10.0.0.9', count: 2, secondsAgo: 8 }]);
  expect([...found.keys()]).toEqual(['app', 'cart']);
  expect(failuresOf({ kind: 'failed', code: 'NOPERM', text: '' }).size).toBe(0);
});

test('users are kept by ACL file, else by config file, else nowhere', () => {
  const info = (file: string) => reply(`# Server\r\nredis_version:7.0.15\r\nconfig_file:${file}\r\n`);
  expect(persistBy([reply(['aclfile', '/etc/redis/users.acl']), info('/etc/redis.conf')], 'here')).toEqual({
    kind: 'done',
    value: ['ACL', 'SAVE'],
  });
  expect(persistBy([reply(['aclfile', '']), info('/etc/redis.conf')], 'here')).toEqual({ kind: 'done', value: ['CONFIG', 'REWRITE'] });
  expect(persistBy([reply(['aclfile', '']), info('')], 'here')).toEqual({ kind: 'done', value: undefined });
  expect(persistBy([{ kind: 'failed', code: 'NOPERM', text: '' }, info('')], 'here')).toMatchObject({
    kind: 'refused',
    fault: { code: 'permission' },
  });
});

test('names are guessed with care: default is shared, addresses and first.last are people, the rest are services', () => {
  expect(['default', 'a@b.test', 'jane.roe', 'svc-app', 'app1'].map(kindOf)).toEqual(['shared', 'human', 'human', 'service', 'service']);
});
