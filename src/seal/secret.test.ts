import { format, inspect } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { expect, test } from 'vitest';
import { secretOf } from './secret.ts';

const value = 'Zq7-canary-value';
const forms = (text: string): string[] => [
  text,
  Buffer.from(text).toString('hex'),
  Buffer.from(text).toString('base64'),
  [...Buffer.from(text)].join(','),
  [...Buffer.from(text)].join(', '),
];

test('a secret prints as [secret] in every way a value is printed by accident', () => {
  const secret = secretOf('v3', value);
  const failure = new Error('failed', { cause: secret });
  const printed = [
    String(secret),
    `${secret}`,
    `${[secret]}`,
    JSON.stringify({ secret, list: [secret] }),
    inspect(secret),
    inspect({ a: { b: { secret } } }, { depth: null }),
    inspect(secret, { showHidden: true, customInspect: false, depth: null }),
    inspect(secret, { showProxy: true, getters: true, customInspect: false }),
    inspect(failure, { depth: null, showHidden: true }),
    format('%s %o %O %j', secret, secret, secret, secret),
    inspect(structuredClone(secret), { depth: null, showHidden: true }),
    inspect(deserialize(serialize(secret)), { depth: null }),
    JSON.stringify(Object.entries(secret)),
    JSON.stringify(Object.getOwnPropertyDescriptors(secret)),
    inspect({ ...secret }),
    inspect(new Map([[secret, secret]])),
    inspect(new Proxy(secret, {}), { showProxy: true, customInspect: false }),
  ].join('\n');
  for (const form of forms(value)) expect(printed).not.toContain(form);
  expect(String(secret)).toBe('[secret]');
  expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}');
  expect(inspect([secret])).toBe('[ [secret] ]');
});

test('its bytes are there for the callback, and a copy: changing the source changes nothing', () => {
  const source = Buffer.from(value);
  const secret = secretOf('v3', source);
  source.fill(0);
  expect(secret.text((text) => text)).toBe(value);
  expect(secret.use((bytes) => bytes.length)).toBe(value.length);
});
