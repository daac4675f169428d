// A plan as a file: the header's bytes on the first line, one item per line after it. `apply FILE` runs exactly what the file says, or refuses.
import { Problem } from '../domain/problem.ts';
import { ItemDigest, type PlanHeader, readHeader, sha256, tampered } from './header.ts';
import type { PlanStore } from './port.ts';
import { openPlan } from './show-plan.ts';

const batchSize = 2000;

export async function* exportPlan(plans: PlanStore, id: string): AsyncIterable<string> {
  const { record } = await openPlan(plans, id);
  yield `${record.header}\n`;
  for (let after = -1; ; ) {
    const rows = await plans.items(record.id, after, batchSize);
    if (rows.length > 0) yield rows.map((row) => `${row.line}\n`).join('');
    if (rows.length < batchSize) return;
    after = rows[rows.length - 1]!.seq;
  }
}

export type PlanFile = { readonly id: string; readonly hash: string; readonly header: PlanHeader };

/** Checks a file against itself: its items have the digest its header names. Needs no store. Throws usage or plan-tampered. */
export async function readPlanFile(lines: AsyncIterable<string>, place: string): Promise<PlanFile> {
  let header: PlanHeader | undefined;
  let hash = '';
  const digest = new ItemDigest();
  for await (const line of lines) {
    if (header !== undefined) digest.add(line);
    else {
      hash = sha256(line);
      header = firstLine(line, hash, place);
    }
  }
  if (header === undefined) throw notAPlan(place);
  const sum = digest.end();
  if (sum.count !== header.items.count || sum.digest !== header.items.digest)
    throw tampered(place, `it should hold ${header.items.count} items with the digest its first line names`);
  return { id: header.id, hash, header };
}

function firstLine(line: string, hash: string, place: string): PlanHeader {
  try {
    const header = readHeader(line, hash, place);
    if (header.apiVersion === 'rekey/v1' && header.kind === 'plan' && typeof header.items.digest === 'string') return header;
  } catch (error) {
    if (error instanceof Problem) throw error;
  }
  throw notAPlan(place);
}

function notAPlan(place: string): Problem {
  return new Problem('usage', { message: 'this is not a plan file', place, hint: 'write one with rekey plan … -o FILE' });
}

/** The file's plan is the stored one, to the bit. Throws not-found or plan-tampered. */
export async function checkPlanFile(plans: PlanStore, file: PlanFile, place: string): Promise<void> {
  const { record } = await openPlan(plans, file.id);
  if (record.hash !== file.hash) throw tampered(place, `the stored plan ${file.id} has the hash ${record.hash}, the file ${file.hash}`);
}
