// What the doors tell of the estate file holds no password, wherever somebody put one.
import { expect, it } from 'vitest';
import { deliveryOf } from '../estate/delivery.ts';
import type { Estate } from '../estate/estate.ts';
import { estateServices } from './estate-services.ts';
import type { Parts } from './parts.ts';

const estate: Estate = {
  name: 'acme',
  folder: '/srv/rekey',
  file: '/srv/rekey/rekey.yaml',
  store: { url: 'postgres://rekey:hunter2@db.example.test:5432/rekey?password=hunter2' },
  keyring: { provider: 'env', variable: 'HUNTER2' },
  approvals: { count: 1, tier0: 2, handover: 2, self: false },
  approvers: [{ name: 'alice', key: 'ssh-ed25519 broken' }],
  delivery: deliveryOf(undefined),
  workloads: [],
  systems: [
    {
      id: 'corp-ldap',
      connector: 'ldap',
      tier: 0,
      config: { bind: { dn: 'cn=rekey', password: { env: 'HUNTER2' } } },
      limits: { perSecond: 20 },
      password: {},
      canary: { account: 'rekey-canary', secret: { env: 'HUNTER2' } },
      paths: [{ id: 'vpn', probe: 'radius', config: { secret: { env: 'HUNTER2' } } }],
      specHash: 'x',
    },
  ],
};

it('neither the store’s password nor the place of any secret leaves with the summary of the estate', async () => {
  const parts = { estate, signer: { key: { line: 'rekey/acme+00+x' } } } as unknown as Parts; // the other parts are not looked at
  const facts = await estateServices(parts).estateFacts({
    name: 'alice',
    custodian: false,
    identity: null,
    roles: ['viewer'],
    via: 'session',
  });
  expect(JSON.stringify(facts)).not.toMatch(/hunter2/i);
  expect(facts.store).toEqual({ kind: 'postgresql', where: 'db.example.test:5432/rekey' });
  expect(facts.approvers).toEqual([{ name: 'alice', fingerprint: 'not readable' }]);
  expect(facts.systems[0]).toMatchObject({
    id: 'corp-ldap',
    perSecond: 20,
    canary: 'rekey-canary',
    paths: [{ id: 'vpn', probe: 'radius' }],
  });
});
