// Acts that a stolen open browser must not do ask for a passkey of the last five minutes: it is shown again here, then the act is repeated once.
import type { AuthenticationResponseJSON } from '@simplewebauthn/browser';
import { api, got } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { Refusal } from '../api/refusal.ts';
import { assertionBody } from '../sign-in/assertion-body.ts';
import { askPasskey } from '../sign-in/passkey.ts';
import { sessionKey } from '../sign-in/session.ts';

type Options = Parameters<typeof askPasskey>[0];

export async function withFreshPasskey<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'passkey-needed') throw error;
    await showPasskey();
    return act();
  }
}

/** The session before ends with it, and the token against forged requests with the session: both are read anew. */
async function showPasskey(): Promise<void> {
  const options = await got(api.POST('/v1/sign-in/passkey/options'));
  const answer: AuthenticationResponseJSON = await askPasskey(options as Options); // the same JSON; its enums are strings on the wire
  await got(api.POST('/v1/sign-in/passkey', { body: assertionBody(answer) }));
  await queries.refetchQueries({ queryKey: sessionKey });
}
