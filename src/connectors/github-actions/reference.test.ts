// Refs of all three scopes, and why the rest is not understood.
import { expect, test } from 'vitest';
import { placeOf, workflowOf } from './reference.ts';

test.each([
  ['acme/shop:DB_PASSWORD', 'repos/acme/shop/actions/secrets', 'DB_PASSWORD'],
  ['acme/shop.js@production:db_password', 'repos/acme/shop.js/environments/production/secrets', 'db_password'],
  ['acme/shop@eu: blue/green:KEY', 'repos/acme/shop/environments/eu: blue/green/secrets', 'KEY'],
  ['acme:KEY', 'orgs/acme/actions/secrets', 'KEY'],
])('%s is kept at %s', (ref, secrets, name) => {
  const place = placeOf(ref, ['Acme']);
  expect(place.kind === 'done' ? [place.value.secrets.join('/'), place.value.name] : place.fault.message).toEqual([secrets, name]);
});

test.each([
  ['acme/shop', 'names no secret'],
  [':KEY', 'names no secret'],
  ['acme/shop:', 'no valid name of a secret'],
  ['acme/shop:1KEY', 'no valid name of a secret'],
  ['acme/shop:DB-PASSWORD', 'no valid name of a secret'],
  ['acme/shop:github_token', 'cannot start with GITHUB_'],
  ['acme/shop/x:KEY', 'too long'],
  ['acme/..:KEY', 'no valid repository'],
  ['-acme/shop:KEY', 'no valid owner'],
  ['acme/shop@:KEY', '@ without an environment'],
  ['acme@production:KEY', 'environment of no repository'],
  ['other/shop:KEY', 'listed are acme'],
])('the ref %s is refused with its reason', (ref, why) => {
  const place = placeOf(ref, ['acme']);
  expect(place.kind === 'refused' ? place.fault : place).toMatchObject({ code: 'unsupported', message: expect.stringContaining(why) });
});

test('a workflow is a file and a branch', () => {
  expect(workflowOf('dispatch deploy.yml@release/2', 'dispatch')).toEqual({
    kind: 'done',
    value: { file: 'deploy.yml', branch: 'release/2' },
  });
  for (const text of ['deploy.yml@main', 'dispatch deploy.yml', 'dispatch ../x@main', 'run deploy.yml@main'])
    expect(workflowOf(text, 'dispatch'), text).toMatchObject({
      kind: 'refused',
      fault: { message: expect.stringContaining('dispatch deploy.yml@main') },
    });
});
