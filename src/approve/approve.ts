// Takes one signature or assertion as an approval, or refuses it with the reason. Nothing is stored that would not count.
import { entryLine } from '../domain/entry.ts';
import { Problem } from '../domain/problem.ts';
import { type ApprovalStatus, approvalStatus, checkStored, type StatusDeps } from './approval-status.ts';
import { type Assertion, assertionText } from './assertion.ts';
import { checkPasskey } from './check-passkey.ts';
import { checkSignature } from './check-signature.ts';
import { passkeyLine } from './passkey-line.ts';
import type { StoredApproval } from './port.ts';
import { publicLine } from './ssh-public-key.ts';
import { type Subject, wordFor } from './subject.ts';

export type ApproveDeps = StatusDeps & { readonly now: () => Date };
export type Given = { readonly stored: StoredApproval; readonly status: ApprovalStatus };

/** Approving twice changes nothing. */
export async function approve(
  deps: ApproveDeps,
  subject: Subject,
  { approver, signature }: { readonly approver: string; readonly signature: string },
): Promise<Given> {
  await assertOpen(deps, subject, approver);
  const checked = await checkSignature(deps.estate, subject, approver, signature);
  if (!checked.ok) throw refused(subject, checked);
  return store(deps, subject, { approver, method: 'ssh', publicKey: publicLine(checked.key), signature, at: deps.now() });
}

/** The site is the server's own: what the browser said of its page must be that, not what the answer says of itself. */
export async function approveByPasskey(
  deps: ApproveDeps,
  subject: Subject,
  { approver, ...answer }: Omit<Assertion, 'enrolledAt'> & { readonly approver: string },
): Promise<Given> {
  await assertOpen(deps, subject, approver);
  const enrolled = (await deps.passkeys.of(approver)).find((key) => key.credential === answer.credential);
  const assertion: Assertion = { ...answer, enrolledAt: (enrolled?.enrolledAt ?? deps.now()).toISOString() };
  const checked = await checkPasskey(deps, subject, approver, assertion);
  if (!checked.ok) throw refused(subject, checked);
  const signature = assertionText(assertion);
  const again = (await deps.approvals.of(subject.id)).some((given) => given.approver === approver && given.signature === signature);
  if (!again && !(await deps.passkeys.used(checked.passkey.credential, checked.counter)))
    throw refused(subject, {
      why: `this passkey counted ${checked.counter} uses and had counted as many before: there may be a copy of it`,
      hint: 'use another passkey, and have an administrator withdraw this one',
    });
  return store(deps, subject, {
    approver,
    method: 'passkey',
    publicKey: passkeyLine(checked.passkey.publicKey),
    signature,
    at: deps.now(),
  });
}

async function store(deps: ApproveDeps, subject: Subject, stored: StoredApproval): Promise<Given> {
  const earlier = (await deps.approvals.of(subject.id)).find((a) => a.approver === stored.approver);
  const same = earlier !== undefined && earlier.publicKey === stored.publicKey && (await checkStored(deps, subject, earlier)).ok;
  if (!same) {
    const { approver: name, method, publicKey: key, at } = stored;
    await deps.approvals.put(subject.id, stored, entryLine('approval', at, { plan: subject.id, hash: subject.hash, name, method, key }));
  }
  return { stored: same ? earlier : stored, status: await approvalStatus(deps, subject) };
}

/** A refusal is not lifted by approving: an approval that was given before it could be presented again by somebody else. */
async function assertOpen(deps: ApproveDeps, subject: Subject, approver: string): Promise<void> {
  assertNotExpired(subject, deps.now());
  if ((await deps.approvals.refusals(subject.id)).some(({ by }) => by === approver))
    throw new Problem('conflict', {
      message: `${approver} refused the ${wordFor(subject)} ${subject.id}`,
      place: subject.id,
      hint: `first take the refusal back: rekey approval refuse ${subject.id} --withdraw`,
    });
}

const again = {
  plan: 'make the plan again: rekey plan --where … --reason …',
  handover: 'ask for the hand-over again: rekey handover --run RUN …',
  playbook: 'set a later "until" in rekey.yaml; every signature is then given anew',
} as const satisfies Record<Subject['kind'], string>;

export function assertNotExpired(subject: Subject, now: Date): void {
  if (subject.expiresAt > now) return;
  throw new Problem('plan-stale', {
    message: `${subject.id} expired at ${subject.expiresAt.toISOString()}`,
    place: subject.id,
    hint: again[subject.kind],
  });
}

function refused(subject: Subject, { why, hint }: { readonly why: string; readonly hint: string }): Problem {
  return new Problem('not-permitted', {
    message: `not an approval of the ${wordFor(subject)} ${subject.id}: ${why}`,
    place: subject.id,
    hint,
  });
}
