// Whether a plan is what a signed playbook allows: made from its selector, within its cap, before its date, signed by those it names.
import { hex, utf8 } from '../cryptography/bytes.ts';
import type { Cryptography } from '../cryptography/port.ts';
import { bindSelector, type Parameters } from '../domain/selector/bind.ts';
import type { ApprovalsFile } from './approvals-file.ts';

type Cap = { readonly credentials: number; readonly systems: number; readonly tier0: number };
type Playbook = {
  readonly id: string;
  readonly where: string;
  readonly mode: string;
  readonly cap: Cap;
  readonly preApproved?: { readonly by: readonly string[]; readonly until: string };
};
type Header = {
  readonly where: string;
  readonly mode: string;
  readonly createdAt: string;
  readonly systems: readonly unknown[];
  readonly totals: { readonly rotate: number; readonly contain: number; readonly byHand: number; readonly tier0: number };
  readonly playbook?: { readonly id: string; readonly hash: string; readonly parameters: Parameters };
};
export type Signed = { readonly id: string; readonly hash: string };

/** What the approvers of a playbook signed. */
export function signedPlaybook(text: string, sha256: Cryptography['sha256']): Signed {
  const { id } = JSON.parse(text) as Playbook; // canonical text of our own making
  return { id: `playbook/${id}`, hash: hex(sha256(utf8(text))) };
}

/** The signed subject, or what speaks against it. The plan's bytes have been held against the hash that was run. */
export function playbookHolds(
  file: Pick<ApprovalsFile, 'playbook' | 'approvals'>,
  plan: string,
  sha256: Cryptography['sha256'],
): Signed | string {
  const text = file.playbook ?? '';
  let playbook: Playbook;
  let header: Header;
  try {
    [playbook, header] = [JSON.parse(text) as Playbook, JSON.parse(plan) as Header];
    const signed = signedPlaybook(text, sha256);
    const { by, until } = playbook.preApproved ?? { by: [], until: '' };
    const { rotate, contain, byHand, tier0 } = header.totals;
    if (header.playbook?.id !== playbook.id || header.playbook.hash !== signed.hash)
      return 'the plan was not made by the playbook that was signed';
    if (header.where !== bindSelector(playbook.where, header.playbook.parameters) || header.mode !== playbook.mode)
      return 'the plan does not select what the signed playbook selects';
    if (rotate + contain + byHand > playbook.cap.credentials || header.systems.length > playbook.cap.systems || tier0 > playbook.cap.tier0)
      return 'the plan passes the cap of the signed playbook';
    if (!(header.createdAt < until)) return 'the plan was made after the approval of its playbook had ended';
    const stranger = file.approvals.find(({ approver }) => !by.includes(approver));
    if (stranger !== undefined) return `the playbook does not name ${stranger.approver} among those who approve it`;
    if (file.approvals.length === 0) return 'nobody signed the playbook';
    return signed;
  } catch {
    return 'the playbook in approvals.json cannot be read';
  }
}
