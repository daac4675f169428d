// A passkey's answer as the API takes it: the fields it declares, and none that a browser adds.
import type { AuthenticationResponseJSON } from '@simplewebauthn/browser';

export function assertionBody({ id, rawId, type, authenticatorAttachment, response }: AuthenticationResponseJSON) {
  const { clientDataJSON, authenticatorData, signature, userHandle } = response;
  return {
    id,
    rawId,
    type,
    ...(authenticatorAttachment === undefined ? {} : { authenticatorAttachment }),
    clientExtensionResults: {},
    response: { clientDataJSON, authenticatorData, signature, ...(userHandle === undefined ? {} : { userHandle }) },
  };
}
