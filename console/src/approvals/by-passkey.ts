// An approval by passkey: the server says what to ask, the browser's challenge is bound to the hash on this page, the answer goes back.
import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';
import { api, got } from '../api/client.ts';
import { Refusal } from '../api/refusal.ts';
import { assertionBody } from '../sign-in/assertion-body.ts';
import { askPasskey } from '../sign-in/passkey.ts';
import type { Ask } from './ask.ts';

export async function approveByPasskey({ id, hash }: Ask): Promise<void> {
  const params = { path: { id } };
  const asked = await got(api.POST('/v1/approvals/{id}/passkey/options', { params }));
  // What was read on this page is what is signed, or nothing is.
  if (asked.hash !== hash)
    throw new Refusal({
      status: 0,
      code: 'plan-stale',
      detail: `${id} is not what this page shows any more.`,
      hint: 'load the page again',
    });
  const answer = await askPasskey(asked.options satisfies PublicKeyCredentialRequestOptionsJSON);
  await got(api.POST('/v1/approvals/{id}/passkey', { params, body: { response: assertionBody(answer) } }));
}
