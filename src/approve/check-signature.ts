// Whether one signature is this approver's approval of this subject under the estate's present rules. A refusal is a reason in words.
import type { Approver, Estate } from '../estate/estate.ts';
import { approvalMessage, approvalNamespace } from './message.ts';
import { parsePublicKey, type SshPublicKey } from './ssh-public-key.ts';
import { Malformed } from './ssh-wire.ts';
import { isSigned, parseSignature, type SshSignature } from './sshsig.ts';
import type { Subject } from './subject.ts';

export type EstateRules = Pick<Estate, 'name' | 'approvals' | 'approvers'>;
export type Checked =
  | { readonly ok: true; readonly key: SshPublicKey }
  | { readonly ok: false; readonly why: string; readonly hint: string };

const no = (why: string, hint: string): Checked => ({ ok: false, why, hint });

export function checkSignature(estate: EstateRules, subject: Subject, approver: string, signature: string): Checked {
  const keys = keysOf(estate.approvers, approver);
  if (keys.length === 0) {
    const names = [...new Set(estate.approvers.map((a) => a.name))].join(', ');
    return no(`${approver} is not an approver of this estate`, names ? `approvers are ${names}` : 'add approvers to rekey.yaml');
  }
  let read: SshSignature;
  let valid: boolean;
  try {
    read = parseSignature(signature);
    const key = keys.find((k) => k.blob.equals(read.key.blob));
    if (key === undefined)
      return no(
        `this signature was made with a key that is not ${approver}'s (${read.key.fingerprint})`,
        `sign with the key of ${approver} in rekey.yaml`,
      );
    if (!estate.approvals.self && isOwn(estate.approvers, subject.createdBy, approver, key)) {
      return no(`${approver} made this ${wordFor(subject)}, and nobody approves their own`, 'ask another approver');
    }
    if (read.namespace !== approvalNamespace) {
      return no(
        `this signature is for the namespace ${JSON.stringify(read.namespace)}`,
        `sign with ssh-keygen -Y sign -n ${approvalNamespace}`,
      );
    }
    valid = isSigned(read, Buffer.from(approvalMessage({ id: subject.id, hash: subject.hash, estate: estate.name })));
    if (valid) return { ok: true, key };
  } catch (error) {
    if (error instanceof Malformed)
      return no(`this is not an SSH signature: ${error.message}`, `rekey approve ${subject.id} --as ${approver} --key FILE`);
    throw error;
  }
  return no(
    `this signature is over something else than ${subject.id} with hash ${subject.hash} of estate ${estate.name}`,
    `sign again: rekey approve ${subject.id} --as ${approver} --key FILE`,
  );
}

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
  return author === approver || keysOf(approvers, author).some((k) => k.blob.equals(key.blob));
}

export function wordFor(subject: Subject): string {
  return subject.kind === 'plan' ? 'plan' : 'hand-over';
}
