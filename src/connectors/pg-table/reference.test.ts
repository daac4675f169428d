// Every ref names one listed table and all of its key, or says what is wrong with it.
import { describe, expect, test } from 'vitest';
import { config } from './config.ts';
import { placeOf } from './reference.ts';

const block = (more: object = {}) => ({
  host: 'db.example.test',
  database: 'app',
  user: 'rekey_store',
  password: { env: 'PW' },
  tables: [
    { table: 'app.settings', key: ['id'], value: 'password' },
    { table: 'mail', key: ['tenant', 'name'], value: 'secret' },
  ],
  ...more,
});
const parsed = config.parse(block());
const of = (ref: string) => {
  const place = placeOf(ref, parsed);
  return place.kind === 'done' ? { table: place.value.table.table, key: place.value.key } : place.fault.message;
};

test('a ref names the row by all key columns, in any order, with escapes', () => {
  expect(of('app.settings#id=7')).toEqual({ table: 'app.settings', key: ['7'] });
  expect(of('mail#name=smtp&tenant=acme')).toEqual({ table: 'public.mail', key: ['acme', 'smtp'] });
  expect(of('public.mail#name=a%26b%3D%25&tenant=')).toEqual({ table: 'public.mail', key: ['', 'a&b=%'] });
});

test.each([
  ['app.settings', 'does not name a row; write table#id=7'],
  ['#id=7', 'does not name a row'],
  ['app.settings#', 'does not name a row'],
  ['pg_authid#rolname=app', 'names a table that this store does not list; listed are app.settings, public.mail'],
  ['app.settings#7', 'has no = in "7"; write app.settings#id=…'],
  ['app.settings#id=7&id=8', 'names the column id twice'],
  ['app.settings#name=x', 'names the column name, which is no key of app.settings'],
  ['mail#tenant=acme', 'does not say name; write public.mail#tenant=…&name=…'],
  ['app.settings#id=7%', 'has a % that is no escape'],
])('the ref %s is refused with its reason', (ref, why) => {
  expect(of(ref)).toContain(why);
});

describe('the estate file', () => {
  const issues = (more: object) => config.safeParse(block(more)).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  test('cannot name a table twice, nor the secret as its own key', () => {
    const settings = { table: 'settings', key: ['id'], value: 'password' };
    expect(issues({ tables: [settings, { ...settings, table: 'public.settings' }] })).toEqual([
      expect.stringMatching(/^tables\.1\.table: each table/),
    ]);
    expect(issues({ tables: [{ ...settings, key: ['password'] }] })).toEqual([expect.stringMatching(/^tables\.0\.value: /)]);
    expect(issues({ tables: [{ ...settings, table: 'db.app.settings' }] })).toEqual([expect.stringMatching(/^tables\.0\.table: a table/)]);
  });

  test('cannot leave the connection to another machine unprotected unless it says so', () => {
    expect(issues({ tls: { mode: 'disable' } })).toEqual([expect.stringMatching(/^host: .*insecure: true/)]);
    expect(issues({ tls: { mode: 'disable' }, insecure: true })).toBeUndefined();
    expect(issues({ tls: { mode: 'disable' }, host: '127.0.0.1' })).toBeUndefined();
  });
});
