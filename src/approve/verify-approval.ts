// Checks one approval of an evidence bundle offline, with nothing but the signature, the key and the text it signs.

import type { VerifyApproval } from '../prove/port.ts';
import { approvalNamespace } from './message.ts';
import { parsePublicKey } from './ssh-public-key.ts';
import { isSigned, parseSignature } from './sshsig.ts';

/** False for anything that cannot be read: an unknown method proves nothing. */
export const verifyApproval: VerifyApproval = ({ method, publicKey, signature, message }) => {
  if (method !== 'ssh') return false;
  try {
    const read = parseSignature(signature);
    return (
      read.namespace === approvalNamespace && read.key.blob.equals(parsePublicKey(publicKey).blob) && isSigned(read, Buffer.from(message))
    );
  } catch {
    return false;
  }
};
