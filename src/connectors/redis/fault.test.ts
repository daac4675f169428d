// The table that turns Redis' answers into outcomes: nothing unknown is certain, and nothing the server quotes is repeated.
import { describe, expect, test } from 'vitest';
import { errorMeanings, noSecret, outcomeOf } from './fault.ts';

describe('an answer to a command', () => {
  test.each([
    ['NOPERM', 'this user has no permissions', 'permission'],
    ['LOADING', 'Redis is loading', 'throttled'],
    ['BUSY', 'Redis is busy running a script', 'throttled'],
    ['ERR', "unknown command 'ACL'", 'unsupported'],
    ['ERR', "unknown subcommand 'SETUSER'. Try ACL HELP.", 'unsupported'],
    ['ERR', "Error in ACL SETUSER modifier '#00': Syntax error", 'unsupported'],
    ['ERR', 'This Redis instance is not configured to use an ACL file.', 'unsupported'],
    ['ERR', 'There was an error trying to save the ACLs. Please check', 'conflict'],
    ['ERR', 'The server is running without a config file', 'unsupported'],
    ['ERR', 'Rewriting config file: Permission denied', 'conflict'],
  ] as const)('%s %s is refused as %s', (code, text, fault) => {
    expect(outcomeOf({ kind: 'failed', code, text }, 'cache:6379')).toMatchObject({
      kind: 'refused',
      fault: { code: fault, target: code },
    });
  });

  test.each([
    ['ERR', 'something new'],
    ['MISCONF', 'cannot persist'],
    ['READONLY', 'a replica'],
    ['EXECABORT', ''],
  ])('%s %s says nothing certain', (code, text) => {
    expect(outcomeOf({ kind: 'failed', code, text }, 'cache:6379').kind).toBe('indeterminate');
  });

  test('that is lost is in doubt whatever the code, and a command that was never sent is refused', () => {
    for (const { code } of [...errorMeanings, { code: 'ECONNRESET' }, { code: 'ETIMEDOUT' }, { code: noSecret }]) {
      expect(outcomeOf({ kind: 'lost', code }, 'cache:6379').kind).toBe('indeterminate');
      expect(outcomeOf({ kind: 'unsent', code }, 'cache:6379').kind).toBe('refused');
    }
  });

  test('tells how long to wait when the server is busy', () => {
    for (const [code, text] of [
      ['LOADING', ''],
      ['BUSY', ''],
      ['ERR', 'max number of clients reached'],
    ] as const)
      expect(outcomeOf({ kind: 'failed', code, text }, 'cache:6379')).toMatchObject({ fault: { retryAfterMs: 1000 } });
  });

  test('never repeats what the server quotes', () => {
    const text = "Error in ACL SETUSER modifier '#deadbeef'";
    for (const code of ['ERR', 'XYZ'])
      expect(JSON.stringify(outcomeOf({ kind: 'failed', code, text }, 'cache:6379'))).not.toContain('deadbeef');
  });
});
