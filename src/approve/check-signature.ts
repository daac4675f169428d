// Whether one SSH signature is this approver's approval of this subject under the estate's present rules. A refusal is a reason in words.
import { sameBytes, utf8 } from '../cryptography/bytes.ts';
import { nodeCryptography } from '../cryptography/node.ts';
import type { Approver, Estate } from '../estate/estate.ts';
import { fingerprintOf } from './fingerprint.ts';
import { approvalMessage, approvalNamespace } from './message.ts';
import { parsePublicKey, type SshPublicKey } from './ssh-public-key.ts';
import { Malformed } from './ssh-wire.ts';
import { isSigned, parseSignature, type SshSignature } from './sshsig.ts';
import { type Subject, wordFor } from './subject.ts';

export type EstateRules = Pick<Estate, 'name' | 'approvals' | 'approvers'>;
export type CheckedSignature = { readonly ok: true; readonly key: SshPublicKey } | NotApproved;
export type NotApproved = { readonly ok: false; readonly why: string; readonly hint: string };

export const notApproved = (why: string, hint: string): NotApproved => ({ ok: false, why, hint });

export async function checkSignature(
  estate: EstateRules,
  subject: Subject,
  approver: string,
  signature: string,
): Promise<CheckedSignature> {
  const keys = keysOf(estate.approvers, approver);
  if (keys.length === 0) {
    const names = [...new Set(estate.approvers.map((a) => a.name))].join(', ');
    return notApproved(
      `${approver} is not an approver of this estate with an SSH key`,
      names ? `approvers are ${names}` : 'add approvers to rekey.yaml',
    );
  }
  let read: SshSignature;
  let valid: boolean;
  try {
    read = parseSignature(signature);
    const key = keys.find((k) => sameBytes(k.blob, read.key.blob));
    if (key === undefined)
      return notApproved(
        `this signature was made with a key that is not ${approver}'s (${fingerprintOf(read.key)})`,
        `sign with the key of ${approver} in rekey.yaml`,
      );
    if (!estate.approvals.self && isOwn(estate.approvers, subject.createdBy, approver, key)) return own(subject, approver);
    if (read.namespace !== approvalNamespace) {
      return notApproved(
        `this signature is for the namespace ${JSON.stringify(read.namespace)}`,
        `sign with ssh-keygen -Y sign -n ${approvalNamespace}`,
      );
    }
    valid = await isSigned(read, utf8(approvalMessage({ id: subject.id, hash: subject.hash, estate: estate.name })), nodeCryptography);
    if (valid) return { ok: true, key };
  } catch (error) {
    if (error instanceof Malformed)
      return notApproved(`this is not an SSH signature: ${error.message}`, `rekey approve ${subject.id} --as ${approver} --key FILE`);
    throw error;
  }
  return notApproved(
    `this signature is over something else than ${subject.id} with hash ${subject.hash} of estate ${estate.name}`,
    `sign again: rekey approve ${subject.id} --as ${approver} --key FILE`,
  );
}

export const own = (subject: Subject, approver: string): NotApproved =>
  notApproved(`${approver} made this ${wordFor(subject)}, and nobody approves their own`, 'ask another approver');

/** One name may have several keys. A line that cannot be read is no key; the estate file's own check reports it. */
function keysOf(approvers: readonly Approver[], name: string): SshPublicKey[] {
  return approvers.filter((a) => a.name === name).flatMap((a) => readable(a.key));
}

function readable(line: string): SshPublicKey[] {
  try {
    return [parsePublicKey(line)];
  } catch (error) {
    if (error instanceof Malformed) return [];
    throw error;
  }
}

/** Own also when the author is listed under a second name with the same key. */
function isOwn(approvers: readonly Approver[], author: string, approver: string, key: SshPublicKey): boolean {
  return author === approver || keysOf(approvers, author).some((k) => sameBytes(k.blob, key.blob));
}
