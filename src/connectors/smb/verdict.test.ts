// The table from NT statuses to verdicts, and the texts of smbclient that carry them.
import { expect, test } from 'vitest';
import { takesPassword, takesUser } from '../../protocols/smb/smbclient.ts';
import { sessionStatus, verdictOf } from './verdict.ts';

const failed = (status: string) => ({ kind: 'exit' as const, status: 1, output: `session setup failed: NT_STATUS_${status}\n` });

for (const [status, verdict] of [
  ['LOGON_FAILURE', 'rejected'],
  ['PASSWORD_MUST_CHANGE', 'blocked'],
  ['PASSWORD_EXPIRED', 'blocked'],
  ['ACCOUNT_DISABLED', 'blocked'],
  ['ACCOUNT_LOCKED_OUT', 'blocked'],
  ['ACCOUNT_EXPIRED', 'blocked'],
  ['ACCOUNT_RESTRICTION', 'blocked'],
  ['INVALID_LOGON_HOURS', 'blocked'],
  ['INVALID_WORKSTATION', 'blocked'],
  ['LOGON_TYPE_NOT_GRANTED', 'blocked'],
  ['NO_LOGON_SERVERS', 'indeterminate'],
  ['ACCESS_DENIED', 'indeterminate'],
  ['TRUSTED_RELATIONSHIP_FAILURE', 'indeterminate'],
  ['IO_TIMEOUT', 'indeterminate'],
] as const)
  test(`${status} is ${verdict}`, () => expect(verdictOf(failed(status))).toMatchObject({ verdict, code: `NT_STATUS_${status}` }));

test('must-change and expired alone say that a password is right', () => {
  expect(Object.keys(sessionStatus).filter((status) => verdictOf(failed(status)).right)).toEqual([
    'PASSWORD_MUST_CHANGE',
    'PASSWORD_EXPIRED',
  ]);
});

test('only one status is a rejection, and only at the session setup', () => {
  expect(Object.keys(sessionStatus).filter((status) => sessionStatus[status]?.verdict === 'rejected')).toEqual(['LOGON_FAILURE']);
  for (const output of ['tree connect failed: NT_STATUS_LOGON_FAILURE\n', 'note: session setup failed: NT_STATUS_LOGON_FAILURE later\n'])
    expect(verdictOf({ kind: 'exit', status: 1, output })).toEqual({ verdict: 'indeterminate', code: 'NT_STATUS_LOGON_FAILURE' });
});

test('a program that failed is no verdict', () => {
  expect(verdictOf({ kind: 'failed', code: 'ENOENT' })).toEqual({ verdict: 'indeterminate', code: 'smbclient-not-installed' });
  expect(verdictOf({ kind: 'failed', code: 'ETIMEDOUT' })).toEqual({ verdict: 'indeterminate', code: 'ETIMEDOUT' });
  expect(verdictOf({ kind: 'exit', status: 1, output: 'Invalid option\n' })).toEqual({
    verdict: 'indeterminate',
    code: 'smbclient-exit-1',
  });
});

test('passwords and names that would arrive changed are known', () => {
  expect([takesPassword(Buffer.alloc(126, 120)), takesPassword(Buffer.alloc(127, 120)), takesPassword(Buffer.from('a\nb'))]).toEqual([
    true,
    false,
    false,
  ]);
  expect([takesUser('alice@lab.test'), takesUser('LAB\\alice'), takesUser('alice%x'), takesUser('')]).toEqual([true, true, false, false]);
});
