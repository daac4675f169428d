// Asking a member's passkeys for an approval, and taking the answer: the challenge is bound to the hash, so nothing is kept in between.
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { type ApproveDeps, approveByPasskey, type Given } from '../approve/approve.ts';
import { challengeOf } from '../approve/assertion.ts';
import { approvalMessage } from '../approve/message.ts';
import type { Subject } from '../approve/subject.ts';
import { nodeCryptography } from '../cryptography/node.ts';
import { Problem } from '../domain/problem.ts';
import type { PasskeyRequest } from '../http/approval-services.ts';
import type { Site } from './site.ts';

/** The browser gives up asking after this; the challenge itself is good as long as what it approves is. */
const askMs = 5 * 60_000;

/** `bySsh`: the command that signs the same with an SSH key. */
export async function askPasskeyFor(
  deps: ApproveDeps & { readonly estate: { readonly name: string } },
  of: Subject,
  asked: { readonly name: string; readonly site: Site; readonly bySsh: string },
): Promise<PasskeyRequest> {
  const keys = await deps.passkeys.of(asked.name);
  if (keys.length === 0)
    throw new Problem('not-permitted', {
      message: `${asked.name} has no passkey that may approve`,
      place: of.id,
      hint: `sign in as a member with the role approver, or sign with an SSH key: ${asked.bySsh} --as NAME --key FILE`,
    });
  const message = approvalMessage({ id: of.id, hash: of.hash, estate: deps.estate.name });
  return {
    id: of.id,
    hash: of.hash,
    message,
    approver: asked.name,
    options: {
      challenge: await challengeOf(message, asked.name, nodeCryptography),
      rpId: asked.site().rpId,
      timeout: askMs,
      userVerification: 'required',
      allowCredentials: keys.map(({ credential }) => ({ id: credential, type: 'public-key' })),
    },
  };
}

export function takePasskey(
  deps: ApproveDeps,
  of: Subject,
  approver: string,
  { site, answer: { id: credential, response } }: { readonly site: Site; readonly answer: AuthenticationResponseJSON },
): Promise<Given> {
  const { authenticatorData, clientDataJSON, signature } = response;
  return approveByPasskey(deps, of, { approver, credential, authenticatorData, clientDataJSON, signature, ...site() });
}
