// Checks one approval of an evidence bundle offline, with nothing but the signature, the key and the text it signs; in Node and in browsers.
import { sameBytes, utf8 } from '../cryptography/bytes.ts';
import type { Cryptography } from '../cryptography/port.ts';
import type { VerifyApproval } from '../prove/port.ts';
import { parseAssertion, readAssertion } from './assertion.ts';
import { approvalNamespace } from './message.ts';
import { readPasskeyLine } from './passkey-line.ts';
import { parsePublicKey } from './ssh-public-key.ts';
import { Malformed } from './ssh-wire.ts';
import { isSigned, parseSignature } from './sshsig.ts';

/** False for anything that cannot be read: an unknown method proves nothing. */
export function approvalVerifier(cryptography: Cryptography): VerifyApproval {
  return async ({ approver, method, publicKey, signature, message }) => {
    try {
      switch (method) {
        case 'ssh': {
          const read = parseSignature(signature);
          return (
            read.namespace === approvalNamespace &&
            sameBytes(read.key.blob, parsePublicKey(publicKey).blob) &&
            (await isSigned(read, utf8(message), cryptography))
          );
        }
        case 'passkey':
          await readAssertion(parseAssertion(signature), { message, approver, publicKey: readPasskeyLine(publicKey) }, cryptography);
          return true;
        default:
          return false;
      }
    } catch (error) {
      if (error instanceof Malformed) return false;
      throw error; // a browser without Ed25519 cannot tell, and must not say "false"
    }
  };
}
