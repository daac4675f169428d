// The software authenticator of the tests is believed by the verifier the product uses, and each of its knobs is noticed.
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { expect, it } from 'vitest';
import { VirtualPasskey, type VirtualPasskeyOptions } from '../../test/harness/virtual-passkey.ts';

const origin = 'https://rekey.example.test';
const rpID = 'rekey.example.test';

async function enrolled(options: Partial<VirtualPasskeyOptions> = {}) {
  const passkey = new VirtualPasskey({ origin, ...options });
  const asked = await generateRegistrationOptions({ rpName: 'Rekey', rpID, userName: 'alice' });
  const response = passkey.register(asked);
  const made = await verifyRegistrationResponse({
    response,
    expectedChallenge: asked.challenge,
    expectedOrigin: origin,
    expectedRPID: rpID,
  });
  return { passkey, credential: made.registrationInfo!.credential };
}

it('registers and signs in, counting each signature', async () => {
  const { passkey, credential } = await enrolled();
  const asked = await generateAuthenticationOptions({ rpID, userVerification: 'required' });
  const verify = async (expectedChallenge: string) =>
    verifyAuthenticationResponse({
      response: passkey.assert(asked),
      expectedChallenge,
      expectedOrigin: origin,
      expectedRPID: rpID,
      credential,
    });
  expect(await verify(asked.challenge)).toMatchObject({ verified: true, authenticationInfo: { newCounter: 1, userVerified: true } });
  await expect(verify('another')).rejects.toThrow(/challenge/);
});

it('is refused from another origin and without user verification', async () => {
  await expect(enrolled({ origin: 'https://evil.example.test' })).rejects.toThrow(/origin/);
  await expect(enrolled({ verified: false })).rejects.toThrow(/verif/);
});
