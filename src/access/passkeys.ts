// Passkeys: user verification always, each challenge good for one answer within minutes, a counter that never goes back.
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { Problem } from '../domain/problem.ts';
import type { Access } from './access.ts';
import type { About, Member, Purpose, StoredPasskey } from './port.ts';

/** Long enough to look for a key, short enough that nobody leaves one lying about. */
const answerMs = 5 * 60_000;

/** Loading it takes longer than all of a command's own work, and commands meet no passkey. */
const webauthn = () => import('@simplewebauthn/server');

export type Asked = { readonly name: string; readonly handle: Uint8Array };

export async function askForNew(
  access: Access,
  purpose: Purpose,
  asked: Asked,
  about: About,
  has: readonly StoredPasskey[] = [],
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { generateRegistrationOptions } = await webauthn();
  const options = await generateRegistrationOptions({
    rpName: `Rekey · ${access.estate}`,
    rpID: access.site().rpId,
    userName: asked.name,
    userDisplayName: asked.name,
    userID: new Uint8Array(asked.handle),
    timeout: answerMs,
    attestationType: 'none',
    excludeCredentials: has.map(({ id, transports }) => ({ id, transports: [...transports] })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  await access.store.challenges.put(options.challenge, purpose, about, new Date(access.now().getTime() + answerMs));
  return options;
}

/** What the challenge was about, and the passkey, not stored yet. Throws when the answer is not one to it. */
export async function readNew(
  access: Access,
  purpose: Purpose,
  answer: RegistrationResponseJSON,
): Promise<{ readonly about: About; readonly passkey: Omit<StoredPasskey, 'member' | 'name'> }> {
  const { challenge, about } = await answered(access, purpose, answer.response.clientDataJSON);
  const { origin, rpId } = access.site();
  const { verifyRegistrationResponse } = await webauthn();
  const made = await verifyRegistrationResponse({
    response: answer,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
  }).catch(refuse);
  if (!made.verified) throw refusal();
  const { credential, credentialBackedUp } = made.registrationInfo;
  return {
    about,
    passkey: {
      id: credential.id,
      publicKey: new Uint8Array(credential.publicKey),
      counter: credential.counter,
      transports: (credential.transports ?? []).slice(0, 10),
      backedUp: credentialBackedUp,
      createdAt: access.now(),
      usedAt: null,
    },
  };
}

/** No list of credentials: who may sign in here is not told to somebody who has not. */
export async function askForSignIn(access: Access): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { generateAuthenticationOptions } = await webauthn();
  const options = await generateAuthenticationOptions({ rpID: access.site().rpId, userVerification: 'required', timeout: answerMs });
  await access.store.challenges.put(options.challenge, 'sign-in', {}, new Date(access.now().getTime() + answerMs));
  return options;
}

/** The member whose passkey answered. Whether they may sign in is the caller's to ask. */
export async function readSignIn(access: Access, answer: AuthenticationResponseJSON): Promise<Member> {
  const { challenge } = await answered(access, 'sign-in', answer.response.clientDataJSON);
  const passkey = await access.store.passkeys.get(answer.id);
  const member = passkey === undefined ? undefined : await access.store.members.get(passkey.member);
  if (passkey === undefined || member === undefined) throw refusal();
  const { userHandle } = answer.response;
  if (userHandle !== undefined && userHandle !== Buffer.from(member.handle).toString('base64url')) throw refusal();
  const { origin, rpId } = access.site();
  const { verifyAuthenticationResponse } = await webauthn();
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: answer,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    credential: { id: passkey.id, publicKey: passkey.publicKey, counter: passkey.counter },
    requireUserVerification: true,
  }).catch(refuse);
  if (!verified || !(await access.store.passkeys.used(passkey.id, authenticationInfo.newCounter, access.now()))) throw refusal();
  return member;
}

/** Takes the challenge away before anything is checked: a second try needs a second challenge. */
async function answered(
  access: Access,
  purpose: Purpose,
  clientData: string,
): Promise<{ readonly challenge: string; readonly about: About }> {
  const challenge = challengeIn(clientData);
  const about = challenge === undefined ? undefined : await access.store.challenges.take(challenge, purpose, access.now());
  if (challenge === undefined || about === undefined)
    throw new Problem('not-signed-in', {
      message: 'this answer is to no open question: it came too late, or was sent before',
      hint: 'start again: each try is asked anew',
    });
  return { challenge, about };
}

function challengeIn(clientData: string): string | undefined {
  try {
    const { challenge } = JSON.parse(Buffer.from(clientData, 'base64url').toString('utf8')) as { challenge?: unknown };
    return typeof challenge === 'string' ? challenge : undefined;
  } catch {
    return undefined;
  }
}

/** One message for every reason: which of them it was is of use only to somebody who guesses. */
function refusal(): Problem {
  return new Problem('not-signed-in', {
    message: 'this passkey does not sign in here',
    hint: 'use the passkey you joined with, at the address you joined at; an administrator can invite you again',
  });
}

function refuse(): never {
  throw refusal();
}
