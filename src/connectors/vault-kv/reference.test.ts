// A ref is the API path of a KV version 2 secret and one key of it, or says how to write it right.
import { expect, test } from 'vitest';
import { dataPath, placeOf } from './reference.ts';

test.each([
  ['secret/data/app#password', 'v1/secret/data/app', 'password'],
  ['team/kv/data/prod/app#db.password', 'v1/team/kv/data/prod/app', 'db.password'],
  ['secret/data/data/app#a', 'v1/secret/data/data/app', 'a'],
  ['secret/data/a#b#key', 'v1/secret/data/a#b', 'key'],
])('%s is the path %s and the key %s', (ref, path, key) => {
  const place = placeOf(ref);
  expect(place.kind === 'done' ? [dataPath(place.value).join('/'), place.value.key] : place.fault.message).toEqual([path, key]);
});

test.each([
  ['secret/data/app', 'names no key'],
  ['secret/data/app#', 'names no key'],
  ['/secret/data/app#a', 'starts with a slash'],
  ['v1/secret/data/app#a', 'leave that out'],
  ['secret/app#a', 'for KV version 2 write secret/data/app#a'],
  ['secret/metadata/app#a', 'write data in its place'],
  ['secret/data/#a', 'has an empty part'],
  ['secret/data/../sys#a', 'has an empty part'],
])('the ref %s is refused with its reason', (ref, why) => {
  const place = placeOf(ref);
  expect(place.kind === 'refused' ? place.fault : place).toMatchObject({ code: 'unsupported', message: expect.stringContaining(why) });
});
