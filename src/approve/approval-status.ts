// How many approvals a plan or hand-over has and still needs. Every stored signature is verified again under the present rules.
import { Problem, type ProblemDetail } from '../domain/problem.ts';
import { parseAssertion } from './assertion.ts';
import { checkPasskey } from './check-passkey.ts';
import { checkSignature, type EstateRules } from './check-signature.ts';
import { fingerprintOf } from './fingerprint.ts';
import { passkeyLine } from './passkey-line.ts';
import type { ApprovalStore, Passkeys, Refusal, StoredApproval } from './port.ts';
import { publicLine } from './ssh-public-key.ts';
import { Malformed } from './ssh-wire.ts';
import { approvalsNeeded, type Subject, wordFor } from './subject.ts';

export type StatusDeps = { readonly estate: EstateRules; readonly approvals: ApprovalStore; readonly passkeys: Passkeys };
export type ApprovalStatus = {
  readonly needed: number;
  /** `key` is the public key line, for the evidence; `enrolledAt` says since when a passkey is known as theirs. */
  readonly given: readonly {
    readonly name: string;
    readonly method: string;
    readonly key: string;
    readonly at: string;
    readonly enrolledAt?: string;
  }[];
  /** Stored, but not counted: the approver or the key left, the approver refused since, or the row was altered. */
  readonly void: readonly { readonly name: string; readonly why: string }[];
  /** While one of these stands, nothing is started, however many approved. */
  readonly refused: readonly Refusal[];
};

type Counted = { readonly ok: true; readonly key: string; readonly identity: string; readonly enrolledAt?: string };
type Checked = Counted | { readonly ok: false; readonly why: string };

/** Counts distinct names with distinct keys: two names on one key are one approver, and one name with two keys is, too. */
export async function approvalStatus(deps: StatusDeps, subject: Subject): Promise<ApprovalStatus> {
  const given: ApprovalStatus['given'][number][] = [];
  const lost: { name: string; why: string }[] = [];
  const keys = new Set<string>();
  const names = new Set<string>();
  const refused = await deps.approvals.refusals(subject.id);
  for (const stored of await deps.approvals.of(subject.id)) {
    const { approver: name, method } = stored;
    const checked = await checkStored(deps, subject, stored);
    if (!checked.ok) lost.push({ name, why: checked.why });
    else if (refused.some(({ by }) => by === name)) lost.push({ name, why: 'they refused it since' });
    else if (names.has(name) || keys.has(checked.identity)) lost.push({ name, why: 'this key or name has approved already' });
    else {
      keys.add(checked.identity);
      names.add(name);
      const { key, enrolledAt } = checked;
      given.push({ name, method, key, at: stored.at.toISOString(), ...(enrolledAt === undefined ? {} : { enrolledAt }) });
    }
  }
  return { needed: approvalsNeeded(subject, deps.estate.approvals), given, void: lost, refused };
}

export async function checkStored(deps: StatusDeps, subject: Subject, stored: StoredApproval): Promise<Checked> {
  switch (stored.method) {
    case 'ssh': {
      const checked = await checkSignature(deps.estate, subject, stored.approver, stored.signature);
      return checked.ok ? { ok: true, key: publicLine(checked.key), identity: fingerprintOf(checked.key) } : checked;
    }
    case 'passkey':
      try {
        const checked = await checkPasskey(deps, subject, stored.approver, parseAssertion(stored.signature));
        if (!checked.ok) return checked;
        const { publicKey, enrolledAt } = checked.passkey;
        return { ok: true, key: passkeyLine(publicKey), identity: publicKey, enrolledAt: enrolledAt.toISOString() };
      } catch (error) {
        if (error instanceof Malformed) return { ok: false, why: `the stored assertion was altered: ${error.message}` };
        throw error;
      }
    default:
      return { ok: false, why: `the method ${JSON.stringify(stored.method)} cannot be verified here` };
  }
}

/** Whose approval would still count, whether or not it is needed. */
export async function ableToApprove(deps: StatusDeps, subject: Subject, status: ApprovalStatus): Promise<readonly string[]> {
  const author = deps.estate.approvals.self ? undefined : subject.createdBy;
  const done = new Set([...status.given.map((g) => g.name), ...status.refused.map((r) => r.by)]);
  const all = new Set([...deps.estate.approvers.map((a) => a.name), ...(await deps.passkeys.approvers())]);
  return [...all].filter((name) => !done.has(name) && name !== author);
}

/** Throws approval-missing, naming who may still approve and the command; returns the status when there are enough and nobody refused. */
export async function assertApproved(deps: StatusDeps, subject: Subject): Promise<ApprovalStatus> {
  const status = await approvalStatus(deps, subject);
  const [refusal] = status.refused;
  if (refusal !== undefined)
    throw new Problem('approval-missing', {
      message: `${refusal.by} refused the ${wordFor(subject)} ${subject.id}: ${refusal.reason}`,
      place: subject.id,
      hint: `make a new one that meets the reason; or ${refusal.by} takes the refusal back: rekey approval refuse ${subject.id} --withdraw`,
    });
  const missing = status.needed - status.given.length;
  if (missing <= 0) return status;
  const able = await ableToApprove(deps, subject, status);
  const by = status.given.length > 0 ? ` (${status.given.map((g) => g.name).join(', ')})` : '';
  const from =
    able.length >= missing
      ? `can approve: ${able.join(', ')}`
      : `only ${able.length} more approver${able.length === 1 ? '' : 's'} may: add approvers to rekey.yaml`;
  const details: ProblemDetail[] = status.void.map(({ name, why }) => ({ message: `the approval of ${name} does not count: ${why}` }));
  throw new Problem(
    'approval-missing',
    {
      message: `the ${wordFor(subject)} ${subject.id} has ${status.given.length} of ${status.needed} approvals${by}; ${from}`,
      place: subject.id,
      hint: `rekey approve ${subject.id} --as NAME --key FILE`,
    },
    details,
  );
}
