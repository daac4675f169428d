// A playbook signed in advance by passkey: the browser's challenge is bound to the hash on this page, and to nothing else.
import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';
import { api, got, type Schemas } from '../api/client.ts';
import { Refusal } from '../api/refusal.ts';
import { assertionBody } from '../sign-in/assertion-body.ts';
import { askPasskey } from '../sign-in/passkey.ts';

export async function signPlaybook({ id, hash }: Pick<Schemas['Playbook'], 'id' | 'hash'>): Promise<void> {
  const params = { path: { playbook: id } };
  const asked = await got(api.POST('/v1/playbooks/{playbook}/passkey/options', { params }));
  // What was read on this page is what is signed, or nothing is.
  if (asked.hash !== hash)
    throw new Refusal({
      status: 0,
      code: 'plan-stale',
      detail: `${id} is not what this page shows any more.`,
      hint: 'load the page again',
    });
  const answer = await askPasskey(asked.options satisfies PublicKeyCredentialRequestOptionsJSON);
  await got(api.POST('/v1/playbooks/{playbook}/passkey', { params, body: { response: assertionBody(answer) } }));
}
