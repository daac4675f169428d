// Says no to a plan or hand-over, on record. It stands until whoever gave it takes it back: approving again does not lift it.
import { entryLine } from '../domain/entry.ts';
import { Problem } from '../domain/problem.ts';
import { type ApproveDeps, assertNotExpired } from './approve.ts';
import { type Subject, wordFor } from './subject.ts';

export async function refuse(deps: ApproveDeps, subject: Subject, by: string, reason: string): Promise<void> {
  const at = deps.now();
  assertNotExpired(subject, at);
  const line = entryLine('refusal', at, { plan: subject.id, hash: subject.hash, name: by, reason });
  await deps.approvals.refuse(subject.id, { by, reason, at }, line);
}

export async function withdrawRefusal(deps: ApproveDeps, subject: Subject, by: string): Promise<void> {
  const at = deps.now();
  const line = entryLine('refusal', at, { plan: subject.id, hash: subject.hash, name: by, withdrawn: true });
  if (await deps.approvals.withdraw(subject.id, by, at, line)) return;
  throw new Problem('not-found', {
    message: `no refusal of ${by} stands against the ${wordFor(subject)} ${subject.id}`,
    place: subject.id,
    hint: 'only the person who refused can take it back: rekey approval ls shows who did',
  });
}
