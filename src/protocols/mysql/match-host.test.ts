// The rule by which a server picks an account: exact hosts first, patterns by their first wildcard, anonymous accounts last among equals.
import { describe, expect, test } from 'vitest';
import { nameOf } from './account-name.ts';
import { matchOf } from './match-host.ts';

const names = (...ids: string[]) => ids.map((id) => nameOf(id) ?? { user: '', host: '' });
const match = (id: string, from: string, ...others: string[]) =>
  matchOf(names(id)[0] ?? { user: '', host: '' }, names(id, ...others), from);

describe('a client is taken for', () => {
  test.each([
    ['app@%', '127.0.0.1', [], 'this'],
    ['app@%', '127.0.0.1', ['app@127.0.0.1'], 'other'],
    ['app@127.0.0.1', '127.0.0.1', ['app@%'], 'this'],
    ['app@10.0.0.5', '127.0.0.1', ['app@%'], 'other'],
    ['app@10.%', '10.1.2.3', ['app@10.1.%', 'app@%'], 'other'],
    ['app@10.1.%', '10.1.2.3', ['app@10.%', 'app@%'], 'this'],
    // The trap: an anonymous account shadows a named one with a wider host.
    ['app@%', 'localhost', ['@localhost'], 'other'],
    ['app@localhost', 'localhost', ['@localhost'], 'this'],
    ['app@%', 'localhost', ['@%'], 'this'],
    ['app@10.0.0.0/255.0.0.0', '10.200.0.1', ['app@%'], 'this'],
    ['app@10.0.0.0/8', '11.0.0.1', ['app@%'], 'other'],
    ['app@%.example.test', 'db.Example.test', ['app@%'], 'this'],
    ['app@10.0.%', 'client.example.test', ['app@%'], 'unclear'],
    ['app@%', 'client.example.test', ['app@10.0.%'], 'unclear'],
    ['app@%', 'client.example.test', ['other@client.example.test'], 'this'],
    ['app@10.0._.1', '10.0.3.1', ['app@10.0.%.1'], 'unclear'],
  ] as const)('%s from %s beside %j: %s', (id, from, others, expected) => {
    expect(match(id, from, ...others)).toBe(expected);
  });

  test('an account that is not there is never this one', () => {
    expect(matchOf({ user: 'gone', host: '%' }, names('app@%'), '127.0.0.1')).toBe('unclear');
    expect(matchOf({ user: 'gone', host: '10.0.0.1' }, names('app@%'), '127.0.0.1')).toBe('other');
  });
});
