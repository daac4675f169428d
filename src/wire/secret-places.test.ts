import { expect, test } from 'vitest';
import { secretPlaces } from './secret-places.ts';

test('says that a secret comes from the environment, never from which variable, file, command or path', () => {
  const places = secretPlaces({
    config: { url: 'ldaps://x', bind: { dn: 'cn=a', password: { env: 'CORP_BIND' } }, keys: [{ file: './hidden.key' }] },
    canary: { account: 'c', secret: { vault: 'kv/hidden' } },
    paths: [{ id: 'vpn', probe: 'radius', config: { secret: { exec: ['cat', 'hidden'] } } }],
  });
  expect(places).toEqual([
    { key: 'bind.password', from: 'environment' },
    { key: 'keys.0', from: 'file' },
    { key: 'canary', from: 'vault' },
    { key: 'paths.vpn.secret', from: 'command' },
  ]);
  expect(JSON.stringify(places)).not.toMatch(/CORP_BIND|hidden|cat/);
});
