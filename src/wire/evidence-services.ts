// Proving, wired for the doors.
import { join } from 'node:path';
import { approvalMessage } from '../approve/message.ts';
import { approvalVerifier } from '../approve/verify-approval.ts';
import { nodeCryptography } from '../cryptography/node.ts';
import { entryLine } from '../domain/entry.ts';
import { normalId } from '../domain/id.ts';
import { endOf, isEnded } from '../domain/run.ts';
import type { RunView } from '../domain/view.ts';
import type { Services } from '../http/services.ts';
import { BundleStore } from '../prove/bundle-store.ts';
import { signCheckpoint } from '../prove/checkpoint.ts';
import { prove } from '../prove/prove.ts';
import type { Derivative } from '../prove/report.ts';
import { evidenceOf } from '../store/evidence.ts';
import { runRecords } from '../store/report.ts';
import { runView } from '../store/run-views.ts';
import type { Parts } from './parts.ts';

type EvidenceServices = Pick<Services, 'prove' | 'bundle' | 'bundleArchive'>;

export function evidenceServices(parts: Parts): EvidenceServices {
  const { estate, store, signer, now } = parts;
  const bundles = new BundleStore(join(estate.folder, '.rekey', 'evidence'));
  return {
    prove: async (_caller, typed) => {
      const id = normalId(typed);
      const proof = await prove(
        {
          bundles,
          verifyApproval: approvalVerifier(nodeCryptography),
          evidence: evidenceOf(store),
          records: runRecords(store),
          signer,
          estate: estate.name,
          demo: parts.demo,
          tool: `rekey ${parts.version}`,
          now,
          approvalMessage,
          derivatives: async () => derivativesOf(parts),
          reprove: (run) => reprove(parts, run),
        },
        id,
      );
      // Imports, reveals, hand-overs and keyring turns are signed for with every proof: a gap in them shows at the next one.
      await signCheckpoint({ evidence: evidenceOf(store), signer, estate: estate.name }, 'estate');
      return { run: (await runView(store, id)) as RunView, size: proof.size, files: proof.files };
    },
    bundle: async (_caller, run, file) => ({ name: file, content: await bundles.file(normalId(run), file) }),
    bundleArchive: async (_caller, run) => {
      const id = normalId(run);
      return { name: `rekey-${id}.tar`, content: await bundles.archive(id) };
    },
  };
}

function derivativesOf({ estate, connectors }: Parts): readonly Derivative[] {
  return estate.systems.flatMap((s) => (connectors.get(s.connector)?.derivatives ?? []).map((d) => ({ system: s.id, ...d })));
}

/** Long enough for every probe of a large run; what still waits then (a replica, a canary that never came) is not proved today. */
const reproofMs = 120_000;

/** What stands unproved is opened again and driven by the worker of this process; settled items are not touched. */
async function reprove(parts: Parts, run: string): Promise<void> {
  const before = await runView(parts.store, run);
  if (before === undefined || !isEnded(before.state)) return;
  if ((await parts.runs.reopen(run, ['propagated', 'revoked', 'proved'], 'prove')) === 0) return;
  await parts.runs.setRun(run, 'running', null, entryLine('run', parts.now(), { run, state: 'running', by: 'prove' }));
  await parts.engine.sendAdvance(run);
  const end = performance.now() + reproofMs;
  while (performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const now = await runView(parts.store, run);
    if (now === undefined || isEnded(now.state) || now.state === 'paused') return;
  }
  await parts.runs.transaction(async () => {
    const snapshot = await parts.runs.lock(run);
    if (snapshot === undefined || snapshot.state !== 'running') return;
    await parts.runs.parkAll(snapshot.key, `not proved within the ${reproofMs / 1000} s of a re-proof`, snapshot.log);
    const { counts } = await parts.runs.tally(snapshot.key);
    const state = endOf(counts);
    await parts.runs.setRun(run, state, null, entryLine('run', parts.now(), { run, state, counts }));
  });
}
