// The bytes an approver signs. They name the estate, the plan or hand-over and its hash, so a signature fits one thing only.
import { utf8 } from '../cryptography/bytes.ts';

export const approvalNamespace = 'rekey-approval';

export type Approvable = { readonly id: string; readonly hash: string; readonly estate: string };

/** Stable for ever: approvers' own tools rebuild it. Ends in a newline, as a file written by a shell does. */
export function approvalMessage({ id, hash, estate }: Approvable): string {
  for (const part of [id, hash, estate]) {
    if (/[\r\n]/.test(part)) throw new TypeError('a line break would let one field pose as another');
  }
  return `rekey approval v1\nestate ${estate}\nid ${id}\nhash sha256:${hash}\n`;
}

/**
 * What a passkey's challenge is the SHA-256 of: the namespace, which nothing else of Rekey begins with, the message above, and who approves.
 * A signature with an SSH key names its signer by the key; an assertion is asked for by a page, so the name is in what is signed.
 */
export function passkeyChallengeBytes(message: string, approver: string): Uint8Array {
  if (/[\r\n]/.test(approver)) throw new TypeError('a line break would let one field pose as another');
  return utf8(`${approvalNamespace} passkey v1\n${message}approver ${approver}\n`);
}
