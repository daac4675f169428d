// What a sweep left behind, counted at the targets themselves: every count is zero, or something is lost that nobody would notice.
import type { Escrow, SealedSecret } from '../../src/execute/port.ts';
import { gateOf } from './cut-off.ts';
import type { Enrolled } from './enrol.ts';
import type { Ground, Subject } from './sweep.ts';

/**
 * `lost`: the target does not take what the escrow calls live. `orphans`: it holds a slot beside the one the escrow calls live. `stale`: it takes a value
 * the escrow does not call live. `unresolved`: an item that is neither complete nor waiting for a session to run out. `astray`: a consumer's place
 * that does not hold the live value.
 */
export type Findings = {
  readonly lost: number;
  readonly orphans: number;
  readonly stale: number;
  readonly unresolved: number;
  readonly astray: number;
  /** One line for each finding, for whoever reads the failure. */
  readonly why: readonly string[];
};
type Finding = Exclude<keyof Findings, 'why'>;

export async function judge(
  { store, escrow }: Ground & { readonly escrow: Escrow },
  subject: Subject,
  enrolled: readonly Enrolled[],
  runs: readonly string[],
): Promise<Findings> {
  const found: [Finding, string][] = [];
  const gate = gateOf(subject.system.atOnce ?? 64);
  await Promise.all(
    enrolled.map(async (each) => {
      const point = JSON.stringify({ name: each.account.ref.name, ...each.hands.point, met: each.hands.boundaries });
      const [item] = await store.query<{ state: string; error: string | null }>(
        `select i.state, i.error from item i join run r on r.key = i.run where i.account = $1::int8 and r.id = any($2::text[])`,
        [each.key, runs],
      );
      if (item?.state !== 'complete' && item?.state !== 'residual')
        found.push(['unresolved', `${item?.state}: ${item?.error} at ${point}`]);
      for (const [finding, why] of await gate(() => secretsOf({ store, escrow }, subject, each)))
        found.push([finding, `${why} at ${point}`]);
    }),
  );
  const count = (name: Finding): number => found.filter(([finding]) => finding === name).length;
  return {
    lost: count('lost'),
    orphans: count('orphans'),
    stale: count('stale'),
    unresolved: count('unresolved'),
    astray: count('astray'),
    why: found.map(([finding, why]) => `${finding}: ${why}`),
  };
}

async function secretsOf(
  { store, escrow }: Pick<Ground, 'store'> & { readonly escrow: Escrow },
  { system, store: places }: Subject,
  each: Enrolled,
): Promise<[Finding, string][]> {
  const rows = await store.query<Omit<SealedSecret, 'slot'> & { slot: string | null }>(
    `select origin, version, state, slot, data_key::text as "dataKey", sealed from secret where account = $1::int8 order by key`,
    [each.key],
  );
  const found: [Finding, string][] = [];
  const live = rows.find((row) => row.state === 'live');
  if (live === undefined) found.push(['lost', 'the escrow calls nothing live']);
  for (const { slot: _, ...row } of rows) {
    const secret = await escrow.open(each.key, row);
    const accepted = await secret.text((text) => system.accepts(each.account, text));
    if (row.state === 'live' && !accepted) found.push(['lost', `version ${row.version} is called live and opens nothing`]);
    if (row.state !== 'live' && accepted) found.push(['stale', `${row.origin} ${row.version} still opens the account`]);
    if (row.state === 'live' && !(await secret.text((text) => places.holds(each.ref, text))))
      found.push(['astray', 'its consumer holds another value']);
  }
  const ending = new AbortController();
  const connection = await system.open({ system: each.system, timeoutMs: 5000, signal: ending.signal });
  const listed = await connection.dualSecret?.list({ system: each.system, ...each.account.ref });
  await connection[Symbol.asyncDispose]();
  if (live?.slot === null || live === undefined || listed === undefined) return found;
  if (listed.kind !== 'done') throw new Error(`the slots of ${each.account.ref.name} cannot be listed: ${listed.fault.message}`);
  for (const { slot } of listed.value) if (slot !== live.slot) found.push(['orphans', `the slot ${slot} is not the escrow's`]);
  return found;
}
