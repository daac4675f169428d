// A member with a passkey in software, as enrolling leaves them in the store.
import { verifyRegistrationResponse } from '@simplewebauthn/server';
import type { Role } from '../../src/access/rights.ts';
import type { Store } from '../../src/store/sql.ts';
import { VirtualPasskey } from './virtual-passkey.ts';

export const site = { origin: 'https://rekey.example.test:8443', rpId: 'rekey.example.test' };

export async function enrolled(store: Store, name: string, roles: readonly Role[]): Promise<VirtualPasskey> {
  const device = new VirtualPasskey({ origin: site.origin });
  const made = await verifyRegistrationResponse({
    response: device.register({
      rp: { id: site.rpId, name: 'Rekey' },
      user: { id: 'YQ', name, displayName: name },
      challenge: 'Y2g',
      pubKeyCredParams: [],
    }),
    expectedChallenge: 'Y2g',
    expectedOrigin: site.origin,
    expectedRPID: site.rpId,
  });
  await store.query('insert into member (id, name, roles, handle, created_by) values ($1, $2, $3, $4, $5)', [
    `M-${name}`,
    name,
    roles,
    Buffer.from(name),
    'test',
  ]);
  await store.query('insert into passkey (id, member, name, public_key, counter, backed_up) values ($1, $2, $3, $4, 0, false)', [
    device.id,
    `M-${name}`,
    'phone',
    Buffer.from(made.registrationInfo?.credential.publicKey ?? []),
  ]);
  return device;
}
