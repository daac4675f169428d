// The bytes an approver signs. They name the estate, the plan or hand-over and its hash, so a signature fits one thing only.

export const approvalNamespace = 'rekey-approval';

export type Approvable = { readonly id: string; readonly hash: string; readonly estate: string };

/** Stable for ever: approvers' own tools rebuild it. Ends in a newline, as a file written by a shell does. */
export function approvalMessage({ id, hash, estate }: Approvable): string {
  for (const part of [id, hash, estate]) {
    if (/[\r\n]/.test(part)) throw new TypeError('a line break would let one field pose as another');
  }
  return `rekey approval v1\nestate ${estate}\nid ${id}\nhash sha256:${hash}\n`;
}
