// Refs of projects and groups, with and without a scope, and why the rest is not understood.
import { expect, test } from 'vitest';
import { placeOf } from './reference.ts';

test.each([
  ['acme/shop:DB_PASSWORD', 'projects', 'acme/shop', 'DB_PASSWORD', undefined],
  ['acme/web/shop.js:KEY@production', 'projects', 'acme/web/shop.js', 'KEY', 'production'],
  ['acme/shop:KEY@review/*', 'projects', 'acme/shop', 'KEY', 'review/*'],
  ['acme/shop:KEY@eu:a@b', 'projects', 'acme/shop', 'KEY', 'eu:a@b'],
  ['groups/acme:KEY', 'groups', 'acme', 'KEY', undefined],
  ['groups/acme/web:KEY@*', 'groups', 'acme/web', 'KEY', '*'],
])('%s', (ref, owner, path, name, environment) => {
  expect(placeOf(ref, ['Acme'])).toEqual({ kind: 'done', value: { ref, owner, path, name, environment } });
});

test.each([
  ['acme/shop', 'names no variable'],
  [':KEY', 'names no variable'],
  ['acme/shop:', 'no valid name'],
  ['acme/shop:DB-PASSWORD', 'no valid name'],
  ['acme/shop:KEY@', '@ without an environment'],
  ['shop:KEY', 'no full path'],
  ['groups:KEY', 'no full path'],
  ['acme/../x:KEY', 'no valid path'],
  ['acme//x:KEY', 'no valid path'],
  ['acmecorp/shop:KEY', 'outside what this store lists: acme'],
])('the ref %s is refused with its reason', (ref, why) => {
  const place = placeOf(ref, ['acme']);
  expect(place.kind === 'refused' ? place.fault : place).toMatchObject({ code: 'unsupported', message: expect.stringContaining(why) });
});
