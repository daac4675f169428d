// The approvals of a bundle: signatures over this plan's hash, by the very keys that its log counted when the run began.
import { shownText } from '../cryptography/bytes.ts';
import type { Cryptography } from '../cryptography/port.ts';
import type { ApprovalsFile } from './approvals-file.ts';
import { approversText, trustIn, type Vouched } from './approvers-file.ts';
import type { Manifest } from './bundle-files.ts';
import { type BundleSource, wholeFile } from './bundle-source.ts';
import type { Finding } from './finding.ts';
import { parsed } from './lines.ts';
import { playbookHolds } from './playbook-holds.ts';
import type { VerifyApproval } from './port.ts';

export type Approvals = { readonly approvals: readonly string[]; readonly trust: readonly string[]; readonly finding: Finding | undefined };

/** `counted`: the approval entries of the log. */
export async function approvalsHold(
  { source, cryptography }: { readonly source: BundleSource; readonly cryptography: Cryptography },
  manifest: Manifest,
  counted: readonly Vouched[],
  verifyApproval: VerifyApproval,
): Promise<Approvals> {
  const wrong = (reason: string, file = 'approvals.json'): Approvals => ({ approvals: [], trust: [], finding: { file, reason } });
  const file = parsed(shownText(await wholeFile(source, 'approvals.json'))) as ApprovalsFile | undefined;
  if (file === undefined || !Array.isArray(file.approvals)) return wrong('approvals.json is malformed');
  // Array.isArray makes the list any[]: it is ours and under the manifest's signature
  const { message, approvals, playbook }: Pick<ApprovalsFile, 'message' | 'approvals' | 'playbook'> = file;
  const told = message.split('\n');
  const inAdvance =
    playbook === undefined
      ? undefined
      : playbookHolds({ playbook, approvals }, shownText(await wholeFile(source, 'plan.json')), cryptography.sha256);
  if (typeof inAdvance === 'string') return wrong(inAdvance);
  const signed = inAdvance ?? { id: manifest.plan, hash: manifest.planHash };
  for (const part of [`estate ${manifest.estate}`, `id ${signed.id}`, `hash sha256:${signed.hash}`])
    if (!told.includes(part)) return wrong(`the approved message does not name this plan: it has no line "${part}"`);
  for (const { approver, method, publicKey, signature } of approvals)
    if (!(await verifyApproval({ approver, method, publicKey, signature, message })))
      return wrong(`the signature of ${approver} is not theirs over this plan's hash`);
  for (const { name, method, key, enrolledAt } of counted) {
    const given = approvals.find((each) => each.approver === name && each.method === method && each.publicKey === key);
    if (given === undefined) return wrong(`the log counts an approval of ${name} that is not in approvals.json with the same key`);
    if (enrolledAt !== undefined && parsed(given.signature)?.enrolledAt !== enrolledAt)
      return wrong(`the log says that the passkey of ${name} was enrolled on ${enrolledAt}, approvals.json says otherwise`);
  }
  if (manifest.format !== 'rekey-bundle/v1' && shownText(await wholeFile(source, 'approvers.json')) !== approversText(counted))
    return wrong('approvers.json does not list the keys that the log counted', 'approvers.json');
  return { approvals: approvals.map((approval) => approval.approver), trust: counted.map(trustIn), finding: undefined };
}
