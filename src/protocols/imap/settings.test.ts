// Where an IMAP login goes, and that no password leaves this machine in the clear unless the estate file says so.
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Io } from '../../kit/kit.ts';
import { imapFields, imapIssues, serversOf } from './settings.ts';

const schema = z.strictObject(imapFields).check((context) => {
  context.issues.push(...imapIssues(context.value));
});
const io = { path: (relative: string) => relative } as Io; // nothing else of it is used here
const at = (config: unknown): string[] =>
  serversOf(schema.parse(config), io).map(
    ({ at: { replica, tls }, upgrade }) => `${replica} ${tls === undefined ? 'plain' : 'tls'} ${upgrade}`,
  );

test('another machine is spoken to by TLS on 993, this one in the clear on 143, STARTTLS on 143', () => {
  expect(at({ hosts: [{ host: 'mail.example.test' }, { host: '127.0.0.1' }] })).toEqual([
    'mail.example.test:993 tls false',
    '127.0.0.1:143 plain false',
  ]);
  expect(at({ hosts: [{ host: 'mail.example.test' }, { host: '::1' }], starttls: true })).toEqual([
    'mail.example.test:143 tls true',
    '[::1]:143 tls true',
  ]);
  expect(at({ hosts: [{ host: 'localhost', port: 10_993 }], tls: {} })).toEqual(['localhost:10993 tls false']);
  expect(at({ hosts: [{ host: 'mail.example.test' }], tls: { mode: 'disable' }, insecure: true })).toEqual([
    'mail.example.test:143 plain false',
  ]);
});

test('a password in the clear to another machine, and STARTTLS without TLS, are refused by name', () => {
  expect(() => at({ hosts: [{ host: '127.0.0.1' }, { host: 'mail.example.test' }], tls: { mode: 'disable' } })).toThrow(/insecure/);
  expect(() => at({ hosts: [{ host: '127.0.0.1' }], starttls: true, tls: { mode: 'disable' } })).toThrow(/starttls/);
  expect(() => at({ hosts: [] })).toThrow();
});
