// Schemes and extra fields of Dovecot entries: our mark goes in and out, what others wrote stays.
import { expect, test } from 'vitest';
import { bareHash, closedBy, extrasOf, isOpen, isReadable, isSalted, marked, ownMark, schemeOf, unmarked } from './entry.ts';
import { rowsOf } from './sessions.ts';

const line = (more: string) => ({ user: 'u', hash: 'h', more });

test.each([
  ['{SHA512-CRYPT}$6$a$b', 'SHA512-CRYPT', true, false],
  ['{ssha256.hex}00', 'SSHA256', true, false],
  ['{PLAIN}secret', 'PLAIN', false, true],
  ['{CLEARTEXT}secret', 'CLEARTEXT', false, true],
  ['{SHA}x', 'SHA', false, false],
  ['{PLAIN-MD5}x', 'PLAIN-MD5', false, false],
  ['$6$a$b', 'crypt', true, false],
  ['secret', 'default', false, false],
  ['', 'none', false, false],
])('%s is %s', (hash, scheme, salted, readable) => {
  expect([schemeOf(hash), isSalted(hash), isReadable(hash)]).toEqual([scheme, salted, readable]);
});

test('the hash itself is found behind the names it may have', () => {
  for (const hash of ['{SHA512-CRYPT}$6$a', '{sha512-crypt}$6$a', '{CRYPT}$6$a', '$6$a']) expect(bareHash(hash)).toBe('$6$a');
  expect(bareHash('{PLAIN}$6$a')).toBe('{PLAIN}$6$a');
});

test('a mark is put behind whatever stands there, and taken out without a trace of it', () => {
  for (const more of ['1000:1000::/home/u::', '1000:1000::/home/u::userdb_quota=1 allow_nets=::1,127.0.0.1', '::::']) {
    const withMark = marked(more);
    expect(closedBy(line(withMark)), more).toBe('rekey');
    expect(extrasOf(line(withMark))).toContain(ownMark);
    expect(closedBy(line(unmarked(withMark)))).toBeUndefined();
    expect(unmarked(withMark).replace(/:+$/, '')).toBe(more.replace(/:+$/, ''));
  }
  expect(marked('')).toBe(`:::::${ownMark}`);
});

test('what somebody else closed is told from what Rekey closed', () => {
  expect(closedBy(line(':::::nologin'))).toBe('other');
  expect(closedBy(line(`:::::nologin ${ownMark}`))).toBe('other');
  expect(closedBy(line(':::::nologin=y'))).toBe('other');
  expect(closedBy(line(`:::::x=1 ${ownMark} y=2`))).toBe('rekey');
  expect(unmarked(`:::::x=1 ${ownMark} y=2`)).toBe(':::::x=1 y=2');
  expect(unmarked(`:::::${ownMark} y=2`)).toBe(':::::y=2');
  expect(closedBy(line(':::::nologins=1 proxy_nologin'))).toBeUndefined();
});

test('an entry that asks for no password is seen', () => {
  expect(isOpen(line(':::::nopassword'))).toBe(true);
  expect(isOpen(line(':::::a=b nopassword=y'))).toBe(true);
  expect(isOpen(line(':::::a=nopassword'))).toBe(false);
});

test('sessions are read by column name, of one user only; anything else is not a list', () => {
  const text = 'username\tproto\tpid\tip\nalice\timap\t12\t::1\nalice.b\timap\t13\t::1\nAlice\tpop3\t14\t10.0.0.1\n';
  expect(rowsOf(text, 'alice')?.map(({ id, from }) => `${id} ${from}`)).toEqual(['imap/12 ::1', 'pop3/14 10.0.0.1']);
  expect(rowsOf('username\tproto\tpid\tip\n', 'alice')).toEqual([]);
  expect(rowsOf('Error: no such socket\n', 'alice')).toBeUndefined();
  expect(rowsOf('', 'alice')).toBeUndefined();
});
