// rekey prove RUN: proves again what can be, signs the log, writes the bundle, and hands it out only after it verified.

import { Problem } from '../domain/problem.ts';
import { isEnded } from '../domain/run.ts';
import { type BundleDeps, writeBundle } from './bundle.ts';
import type { BundleStore } from './bundle-store.ts';
import { type CheckpointDeps, signCheckpoint } from './checkpoint.ts';
import type { RunRecord, VerifyApproval } from './port.ts';
import { verifyBundle } from './verify.ts';
import type { Verified } from './verify-source.ts';

export type ProveDeps = BundleDeps &
  CheckpointDeps & {
    readonly bundles: BundleStore;
    readonly verifyApproval: VerifyApproval;
    /** Proves the run's settled items again, as far as the targets allow; resolved when all of it is committed. */
    readonly reprove: (run: string) => Promise<void>;
  };
export type Proof = { readonly size: number; readonly files: readonly string[]; readonly note: string };

/** A clock that runs out between reading the log and reading the items makes them differ: then both are read again. */
const attempts = 3;

export async function prove(deps: ProveDeps, id: string): Promise<Proof> {
  settledRun(await deps.records.run(id), id);
  await deps.reprove(id);
  for (let attempt = 1; ; attempt += 1) {
    const run = settledRun(await deps.records.run(id), id);
    const checkpoint = await signCheckpoint(deps, id);
    try {
      return await deps.bundles.replace(id, async (folder) => {
        const files = await writeBundle(deps, run, checkpoint, folder);
        const verified = await verifyBundle(folder, { verifyApproval: deps.verifyApproval, key: deps.signer.key.line });
        if (!verified.ok) throw new Unverified(verified);
        return { size: checkpoint.head.size, files, note: checkpoint.note };
      });
    } catch (error) {
      if (!(error instanceof Unverified)) throw error;
      if (attempt === attempts)
        throw new Problem('evidence-altered', {
          message: `the evidence of run ${id} contradicts itself, so no bundle was written: ${error.found.file}: ${error.found.reason}`,
          hint: 'keep this store as it is; the log and the items of the run do not tell the same story',
        });
    }
  }
}

/** Items that still move have no state to sign. */
function settledRun(run: RunRecord | undefined, id: string): RunRecord {
  if (run === undefined) throw new Problem('not-found', { message: `there is no run ${id}`, hint: 'run: rekey run ls' });
  if (!isEnded(run.state) && run.state !== 'paused')
    throw new Problem('still-running', {
      message: `run ${id} is still running`,
      hint: `run: rekey run watch ${id}, or rekey run pause ${id}`,
    });
  return run;
}

class Unverified extends Error {
  readonly found: Extract<Verified, { ok: false }>;

  constructor(found: Extract<Verified, { ok: false }>) {
    super(found.reason);
    this.found = found;
  }
}
