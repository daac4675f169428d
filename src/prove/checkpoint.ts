// Signs the head of a log: nothing that may still move is in it, and it continues every checkpoint signed before or is not signed at all.
import { nodeCryptography } from '../cryptography/node.ts';
import { Problem } from '../domain/problem.ts';
import { checkpointText, type Head, originOf, parseCheckpoint } from './checkpoint-text.ts';
import { Frontier, leafHash, sameHash } from './merkle.ts';
import { openNote } from './note.ts';
import type { Evidence, StoredCheckpoint } from './port.ts';
import { type Signer, signNote } from './sign-note.ts';

export type CheckpointDeps = {
  readonly evidence: Evidence;
  readonly signer: Signer;
  readonly estate: string;
  /** How long open transactions may hold back the end of the log before we give up. */
  readonly settleMs?: number;
};
export type Checkpoint = { readonly head: Head; readonly note: string };

/*
 * The order of a log is (xid, seq), and only entries with xid < xmin of the current snapshot are read: every transaction below
 * xmin has ended, so no row can appear before one that was read, and pages read later, under a later xmin, only go on from there.
 * (seq alone would not do: a transaction that took a low seq may commit after one with a higher seq was signed.)
 * A logical restore starts xids anew and would sort new entries before old ones: the comparison with earlier checkpoints refuses that.
 */
export async function signCheckpoint(deps: CheckpointDeps, log: string): Promise<Checkpoint> {
  const { evidence, signer } = deps;
  await settled(deps, log);
  const origin = originOf(deps.estate, log);
  const earlier: { readonly stored: StoredCheckpoint; readonly head: Head }[] = [];
  for (const stored of await evidence.checkpoints(log)) earlier.push({ stored, head: await headOf(deps, log, stored) });
  const frontier = new Frontier(nodeCryptography.sha256);
  const pending = [...earlier];
  const compare = (): void => {
    while (pending[0] !== undefined && pending[0].head.size === frontier.size) {
      if (!sameHash(pending[0].head.root, frontier.root()))
        throw altered(log, `its first ${frontier.size} entries do not give the root signed on ${on(pending[0].stored)}`);
      pending.shift();
    }
  };
  compare();
  for await (const page of evidence.pages(log)) {
    for (const line of page) {
      frontier.append(leafHash(nodeCryptography.sha256, Buffer.from(line, 'utf8')));
      compare();
    }
  }
  if (pending[0] !== undefined)
    throw altered(log, `it has ${frontier.size} entries, but ${pending[0].head.size} were signed on ${on(pending[0].stored)}`);
  const last = earlier.at(-1);
  // a log is never signed twice at one size: readers keep the first note
  if (last !== undefined && last.head.size === frontier.size) return { head: last.head, note: last.stored.note };
  const head = { origin, size: frontier.size, root: frontier.root() };
  const note = await signNote(checkpointText(head), signer);
  await evidence.saveCheckpoint(log, { size: head.size, note });
  return { head, note };
}

/** An earlier checkpoint counts only with our signature: who can write the table cannot move the past. */
async function headOf(deps: CheckpointDeps, log: string, stored: StoredCheckpoint): Promise<Head> {
  const opened = await openNote(Buffer.from(stored.note, 'utf8'), deps.signer.key, nodeCryptography);
  if (!opened.ok) throw altered(log, `its checkpoint of ${on(stored)} is not ours: ${opened.reason}`);
  const head = parseCheckpoint(opened.text);
  if (head === undefined || head.origin !== originOf(deps.estate, log) || head.size !== stored.size)
    throw altered(log, `its checkpoint of ${on(stored)} belongs to another log or size`);
  return head;
}

async function settled({ evidence, settleMs = 30_000 }: CheckpointDeps, log: string): Promise<void> {
  const deadline = Date.now() + settleMs;
  for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
    const left = await evidence.unsettled(log);
    if (left === 0) return;
    if (Date.now() >= deadline)
      throw new Problem('conflict', {
        message: `${left} entries of log ${log} cannot be signed yet: a transaction that began before them is still open in the database`,
        hint: 'look for it in pg_stat_activity (oldest xact_start), let it end, and prove again',
      });
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

const on = (stored: StoredCheckpoint): string => stored.at.toISOString();
const altered = (log: string, what: string): Problem =>
  new Problem('evidence-altered', {
    message: `the evidence log ${log} was altered: ${what}`,
    hint: 'nothing was signed; keep this store as it is and compare it with an earlier bundle or a backup',
  });
