// Proving and delivering, wired for the doors.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { approvalMessage, approvalNamespace } from '../approve/message.ts';
import { parsePublicKey } from '../approve/ssh-public-key.ts';
import { isSigned, parseSignature } from '../approve/sshsig.ts';
import { handover } from '../deliver/handover.ts';
import { reveal } from '../deliver/reveal.ts';
import { normalId } from '../domain/id.ts';
import { isEnded } from '../domain/run.ts';
import type { RunView } from '../domain/view.ts';
import type { Services } from '../http/services.ts';
import { BundleStore } from '../prove/bundle-store.ts';
import type { VerifyApproval } from '../prove/port.ts';
import { prove } from '../prove/prove.ts';
import type { Derivative } from '../prove/report.ts';
import { deliveryStore } from '../store/delivery.ts';
import { evidenceOf } from '../store/evidence.ts';
import { runRecords } from '../store/report.ts';
import { runView } from '../store/run-views.ts';
import type { Parts } from './parts.ts';
import { approvalParts } from './plan-services.ts';

type EvidenceServices = Pick<Services, 'prove' | 'bundle' | 'reveal' | 'handover'>;

/** An SSH signature by exactly the stored key, over exactly this message, in our namespace. */
export const verifySshApproval: VerifyApproval = ({ method, publicKey, signature, message }) => {
  if (method !== 'ssh') return false;
  try {
    const parsed = parseSignature(signature);
    return (
      parsed.namespace === approvalNamespace &&
      parsed.key.blob.equals(parsePublicKey(publicKey).blob) &&
      isSigned(parsed, Buffer.from(message, 'utf8'))
    );
  } catch {
    return false;
  }
};

export function evidenceServices(parts: Parts): EvidenceServices {
  const { estate, store, escrow, signer, now } = parts;
  const bundles = new BundleStore(join(estate.folder, '.rekey', 'evidence'));
  const deliveries = deliveryStore(store);
  const { assert } = approvalParts(parts);
  const openSecret = (account: string, row: Parameters<typeof escrow.open>[1]) => escrow.open(account, row);
  return {
    prove: async (_caller, typed) => {
      const id = normalId(typed);
      const proof = await prove(
        {
          bundles,
          verifyApproval: verifySshApproval,
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
      return { run: (await runView(store, id)) as RunView, size: proof.size, files: proof.files };
    },
    bundle: async (_caller, run, file) => ({ name: file, content: await bundles.file(normalId(run), file) }),
    reveal: (caller, system, account) => reveal({ store: deliveries, openSecret, now }, caller, system, account),
    handover: (caller, request) =>
      handover({ store: deliveries, openSecret, estate: estate.name, now, random: (n) => randomBytes(n), assertApproved: assert }, caller, {
        ...request,
        run: normalId(request.run),
      }),
  };
}

function derivativesOf({ estate, connectors }: Parts): readonly Derivative[] {
  return estate.systems.flatMap((s) => (connectors.get(s.connector)?.derivatives ?? []).map((d) => ({ system: s.id, ...d })));
}

/** What stands unproved is opened again and driven by the worker of this process; settled items are not touched. */
async function reprove(parts: Parts, run: string): Promise<void> {
  const before = await runView(parts.store, run);
  if (before === undefined || !isEnded(before.state)) return;
  const unproved = await parts.store.query<{ n: number }>(
    `select count(*)::int as n from item i join run r on r.key = i.run where r.id = $1 and not i.open and i.state in ('propagated', 'revoked', 'proved')`,
    [run],
  );
  if ((unproved[0]?.n ?? 0) === 0) return;
  await parts.runs.reopen(run, ['propagated', 'revoked', 'proved'], 'prove');
  const snapshot = await runView(parts.store, run);
  if (snapshot === undefined) return;
  await parts.store.query(`update run set state = 'running', ended_at = null where id = $1`, [run]);
  await parts.engine.sendAdvance(run);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const now = await runView(parts.store, run);
    if (now === undefined || isEnded(now.state) || now.state === 'paused') return;
  }
}
