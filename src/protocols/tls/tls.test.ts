// What a server says to a shown certificate, alert by alert and page by page: only a refusal of the certificate itself is a rejection.
import { expect, test } from 'vitest';
import { alertOf, alertVerdict } from './alert.ts';
import { verdictOf } from './certificate-login.ts';
import { identityIn } from './pem.ts';

const now = new Date('2026-01-10T00:00:00Z');
const valid = new Date('2027-01-01T00:00:00Z');
const url = new URL('https://gateway.example.test/');

test.each([
  [10, 'indeterminate'],
  [20, 'indeterminate'],
  [40, 'indeterminate'],
  [42, 'rejected'],
  [43, 'blocked'],
  [44, 'rejected'],
  [45, 'indeterminate'],
  [46, 'rejected'],
  [47, 'indeterminate'],
  [48, 'rejected'],
  [49, 'blocked'],
  [50, 'indeterminate'],
  [51, 'rejected'],
  [70, 'indeterminate'],
  [71, 'indeterminate'],
  [80, 'indeterminate'],
  [86, 'indeterminate'],
  [90, 'indeterminate'],
  [112, 'indeterminate'],
  [115, 'indeterminate'],
  [116, 'indeterminate'],
  [120, 'indeterminate'],
])('alert %i is %s', (alert, verdict) => expect(alertVerdict(alert, valid, now)).toBe(verdict));

test('"expired" is the certificate\'s own only when it has ended: a server whose list has ended says it of everybody', () => {
  expect(alertVerdict(45, new Date('2026-01-09T00:00:00Z'), now)).toBe('rejected');
  expect(alertVerdict(45, valid, now)).toBe('indeterminate');
});

test("the number is read from OpenSSL's text, in old words and new", () => {
  const error = (text: string) =>
    alertOf(new Error(`C0A7:error:0A000414:SSL routines:ssl3_read_bytes:${text}:../ssl/record/rec_layer_s3.c:1605:SSL alert number 44\n`));
  expect([error('sslv3 alert certificate revoked'), error('ssl/tls alert certificate revoked')]).toEqual([44, 44]);
  expect([alertOf(new Error('socket hang up')), alertOf(undefined)]).toEqual([undefined, undefined]);
});

test('silence, a closed connection and a page no rule names prove nothing', () => {
  const http = { path: '/', accepted: [200], rejected: [{ status: 400, text: 'The SSL certificate error' }], blocked: [403] };
  const said = (shown: Parameters<typeof verdictOf>[0]) => verdictOf(shown, http, url, { notAfter: valid, now }).verdict;
  const page = (status: number, text = '') => said({ kind: 'page', status, headers: {}, text });
  expect([said({ kind: 'closed' }), said({ kind: 'failed', code: 'ECONNRESET' })]).toEqual(['indeterminate', 'indeterminate']);
  expect([page(200), page(403), page(302), page(500), page(400)]).toEqual([
    'accepted',
    'blocked',
    'indeterminate',
    'indeterminate',
    'indeterminate',
  ]);
  expect(page(400, '<center><h1>400 Bad Request</h1></center>\n<center>The SSL certificate error</center>')).toBe('rejected');
  expect(page(400, '<center>No required SSL certificate was sent</center>')).toBe('indeterminate');
  expect(said({ kind: 'open' })).toBe('accepted');
});

test('what is no key with its certificate is no identity', () => {
  for (const text of [
    '',
    'password',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
  ])
    expect(identityIn(text)).toBeUndefined();
});
