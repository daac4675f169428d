// Whether one assertion is this member's approval of this subject at present: their right, their enrolled passkey, and every byte of what it signed.
import { nodeCryptography } from '../cryptography/node.ts';
import type { Assertion } from './assertion.ts';
import { readAssertion } from './assertion.ts';
import { type EstateRules, type NotApproved, notApproved, own } from './check-signature.ts';
import { approvalMessage } from './message.ts';
import type { EnrolledPasskey, Passkeys } from './port.ts';
import { Malformed } from './ssh-wire.ts';
import type { Subject } from './subject.ts';

export type CheckedPasskey = { readonly ok: true; readonly passkey: EnrolledPasskey; readonly counter: number } | NotApproved;

export async function checkPasskey(
  { estate, passkeys }: { readonly estate: EstateRules; readonly passkeys: Passkeys },
  subject: Subject,
  approver: string,
  assertion: Assertion,
): Promise<CheckedPasskey> {
  const enrolled = await passkeys.of(approver);
  const passkey = enrolled.find((key) => key.credential === assertion.credential);
  if (enrolled.length === 0)
    return notApproved(`${approver} may not approve, or has no passkey`, 'an administrator gives the role approver');
  if (passkey === undefined) return notApproved(`this passkey is not enrolled as ${approver}'s`, 'use a passkey that you signed in with');
  if (!estate.approvals.self && (await isOwn(passkeys, subject.createdBy, approver, passkey))) return own(subject, approver);
  try {
    const message = approvalMessage({ id: subject.id, hash: subject.hash, estate: estate.name });
    const counter = await readAssertion(assertion, { message, approver, publicKey: passkey.publicKey }, nodeCryptography);
    return { ok: true, passkey, counter };
  } catch (error) {
    if (error instanceof Malformed)
      return notApproved(`this is not an approval by passkey: ${error.message}`, `approve ${subject.id} again, on the page of this server`);
    throw error;
  }
}

/** Own also when the author signs in under a second name with the same passkey. */
async function isOwn(passkeys: Passkeys, author: string, approver: string, key: EnrolledPasskey): Promise<boolean> {
  return author === approver || (await passkeys.of(author)).some((other) => other.publicKey === key.publicKey);
}
