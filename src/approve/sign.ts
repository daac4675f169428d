// Signs an approval with a local key: for the CLI, offline, on the approver's machine. The key never leaves it.
import { signSsh } from './make-sshsig.ts';
import { type Approvable, approvalMessage, approvalNamespace } from './message.ts';
import { parsePrivateKey } from './ssh-private-key.ts';

/** `place` names the key's file in errors. The result is what `POST …/approvals` takes as `signature`. */
export function signApproval(subject: Approvable, keyText: string, place: string): string {
  return signSsh(parsePrivateKey(keyText, place), approvalNamespace, Buffer.from(approvalMessage(subject)));
}
