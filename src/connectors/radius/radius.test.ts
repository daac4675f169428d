// Which answers of a RADIUS server count, and what a block of the estate file must hold. The wire itself is tested in protocols/radius.
import { expect, test } from 'vitest';
import { config } from './config.ts';
import { meaningOf } from './verdict.ts';

const base = { servers: [{ host: 'radius1.lab.test' }], secret: { env: 'SHARED' } };

test('of all codes only an Access-Reject can become a rejection, and only when it is confirmed', () => {
  const verdicts = Array.from({ length: 256 }, (_, code) => [code, meaningOf(code).verdict] as const);
  expect(verdicts.filter(([, verdict]) => verdict !== 'indeterminate')).toEqual([
    [2, 'accepted'],
    [3, 'if-confirmed'],
    [11, 'accepted'],
  ]);
});

test('a path that could not confirm a refusal is not taken', () => {
  expect(() => config.parse(base)).toThrow(/confirm/);
  expect(config.parse({ ...base, confirm: { replyMessage: 'credential' } }).servers).toEqual([{ host: 'radius1.lab.test', port: 1812 }]);
  expect(config.parse({ ...base, confirm: { user: 'rekey-control', password: { env: 'CONTROL' } } }).parallel).toBe(1);
});

test('a shared secret or a control password in clear is not taken', () => {
  expect(() => config.parse({ ...base, secret: 'testing123', confirm: { replyMessage: 'x' } })).toThrow(/secret/);
  expect(() => config.parse({ ...base, confirm: { user: 'c', password: 'plain' } })).toThrow(/confirm/);
});
