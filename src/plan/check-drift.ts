// Whether a plan is still what was approved, and the estate still what was planned for. Any doubt voids the plan; the answer says what changed.
import { Problem, type ProblemDetail } from '../domain/problem.ts';
import type { Estate, SyncGroup } from '../estate/estate.ts';
import { changesOf } from './changes.ts';
import { ItemDigest, type PlanHeader, tampered } from './header.ts';
import { fingerprintOf, type PlanItem, readItemLine } from './item-line.ts';
import type { PlanItemRow, PlanStore } from './port.ts';
import { openPlan } from './show-plan.ts';

export type DriftDeps = { readonly plans: PlanStore; readonly estate: Pick<Estate, 'name' | 'systems' | 'sync'>; readonly now: () => Date };

const batchSize = 2000;
/** Enough to understand what happened; the count says the rest. */
const mostDetails = 20;

/** Answers the verified header. Throws plan-tampered, plan-stale (with up to 20 changed accounts in `details`) or not-found. */
export async function checkDrift(deps: DriftDeps, id: string): Promise<PlanHeader> {
  const { record, header } = await openPlan(deps.plans, id);
  const columns = record.id === header.id && record.name === header.name && record.createdBy === header.createdBy;
  if (!columns || record.expiresAt.toISOString() !== header.expiresAt)
    throw tampered(header.id, 'its row does not say what its header says');
  if (header.estate !== deps.estate.name) throw stale(header, `it was made for the estate ${header.estate}`);
  if (deps.now() >= new Date(header.expiresAt)) throw stale(header, `it expired at ${header.expiresAt}`);
  const found = await deps.plans.read(async (snapshot) => {
    const specs = new Map(deps.estate.systems.map((spec) => [spec.id, spec.specHash]));
    const details: ProblemDetail[] = [...changedSystems(header, deps.estate), ...changedGroups(header, deps.estate.sync ?? [])];
    let changed = 0;
    const digest = new ItemDigest();
    for (let after = -1; ; ) {
      const rows = await deps.plans.items(header.id, after, batchSize);
      const items = rows.map((row) => readRow(row, digest, header.id));
      const now = new Map((await snapshot.accounts(items.map((item) => item.key))).map((account) => [account.key, account]));
      for (const item of items) {
        const account = now.get(item.key);
        if (account !== undefined && fingerprintOf(account, specs.get(item.system) ?? '') === item.fingerprint) continue;
        changed++;
        if (details.length < mostDetails) details.push({ message: changesOf(item, account), place: `${item.system}/${item.account}` });
      }
      if (rows.length < batchSize) break;
      after = rows[rows.length - 1]!.seq;
    }
    const sum = digest.end();
    if (sum.count !== header.items.count || sum.digest !== header.items.digest)
      throw tampered(header.id, 'its items are not the ones it was made with');
    // Ages are counted from when the plan was made: growing older is not drift.
    const unplanned = await snapshot.unplanned({ where: header.where, now: new Date(header.createdAt) }, header.id, mostDetails);
    for (const place of unplanned.sample)
      if (details.length < mostDetails) details.push({ message: 'matches the selector now, and is not in the plan', place });
    return { changed, unplanned: unplanned.count, details };
  });
  if (found.changed + found.unplanned > 0 || found.details.length > 0) {
    const parts = [
      found.changed > 0 ? `${found.changed} of its accounts changed` : '',
      found.unplanned > 0 ? `${found.unplanned} more accounts match its selector` : '',
    ].filter(Boolean);
    throw stale(header, parts.join(', ') || 'the estate file changed', found.details);
  }
  return header;
}

function stale(header: PlanHeader, why: string, details: readonly ProblemDetail[] = []): Problem {
  const again = `rekey plan --where ${shell(header.where)} --reason ${shell(header.reason)}`;
  return new Problem(
    'plan-stale',
    { message: `${header.id} is stale: ${why}`, place: header.id, hint: `look at what changed, then plan again: ${again}` },
    details,
  );
}

function shell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function changedSystems(header: PlanHeader, estate: Pick<Estate, 'systems'>): ProblemDetail[] {
  return header.systems.flatMap(({ id, spec }) => {
    const now = estate.systems.find((s) => s.id === id);
    if (now === undefined) return [{ message: 'left rekey.yaml since the plan was made', place: id }];
    return now.specHash === spec ? [] : [{ message: 'its block in rekey.yaml changed since the plan was made', place: id }];
  });
}

function changedGroups(header: PlanHeader, now: readonly SyncGroup[]): ProblemDetail[] {
  const text = (groups: readonly { readonly name: string; readonly systems: readonly string[] }[]): string => JSON.stringify(groups);
  const planned = header.sync.map(({ name, systems }) => ({ name, systems: systems.map(({ system }) => system) }));
  if (text(planned) === text(now.map(({ name, systems }) => ({ name, systems })))) return [];
  return [{ message: 'the sync groups in rekey.yaml changed since the plan was made', place: 'sync' }];
}

/** The columns that workers read must say what the hashed line says. */
function readRow(row: PlanItemRow, digest: ItemDigest, plan: string): PlanItem {
  digest.add(row.line);
  let item: PlanItem;
  try {
    item = readItemLine(row.line);
  } catch {
    throw tampered(plan, `item ${row.seq} is not JSON`);
  }
  const same =
    item.seq === row.seq &&
    item.wave === row.wave &&
    item.key === row.account &&
    item.system === row.system &&
    item.action === row.action &&
    item.canary === row.canary &&
    item.fingerprint === row.fingerprint;
  if (!same) throw tampered(plan, `item ${row.seq} (${row.system}) does not say in its columns what its line says`);
  return item;
}
