// revoked → proved → complete | residual: the cells are closed and every consumer is on the new value, or the item says what is missing.
import { isAdopted } from '../domain/consumer.ts';
import { isBackToLife, nextReproof } from '../domain/stays-dead.ts';
import { type Cell, isClosed } from '../domain/verdict.ts';
import { can } from '../kit/connector.ts';
import type { Secret } from '../kit/secret.ts';
import { adopt } from './adopt.ts';
import { candidateOf, oldsOf } from './candidate.ts';
import { exceptedIn, isAccepted } from './exceptions.ts';
import { type Held, type LaneHands, next, paced, pacedProbe, pacedRead, type StepEnd, stop, strategyOfLane } from './lane-hands.ts';
import { move, note, park, ride } from './move.ts';
import type { WorkConsumer, WorkItem } from './port.ts';
import { strangers } from './retire-old.ts';

/** A path that did not answer five times over is down: that is a finding, not a reason to wait. */
const mostSilent = 5;

export async function proveItem(hands: LaneHands, held: Held): Promise<StepEnd> {
  const { connection } = hands;
  const { item } = held;
  if (item.blocked && can(connection, 'contain')) {
    const freed = await paced(hands, held, () => connection.contain.unblock(item.ref));
    if (freed.kind !== 'done')
      return { kind: 'again', afterMs: 1000, why: `could not unblock the account for its proof: ${freed.fault.message}` };
  }
  const { cells, lines, residual, again, fresh, rows } = await lookAtCells(hands, held);
  const open = cells.filter((c) => !isClosed(c));
  if (again?.transient === true) held.silent++;
  if (
    again !== undefined &&
    held.silent <= mostSilent &&
    (open.length > 0 || cells.length === 0) &&
    performance.now() - held.since < hands.settings.patienceMs
  ) {
    await move(hands, held, 'revoked', { cells, lines, error: again.why });
    return { kind: 'again', afterMs: again.afterMs, why: again.why };
  }
  if (residual !== undefined) {
    await move(hands, held, 'residual', { cells, lines, residual, open: false });
    return stop;
  }
  const first = open[0];
  if (first !== undefined || cells.length === 0) {
    if (item.blocked && can(connection, 'contain')) await paced(hands, held, () => connection.contain.block(item.ref));
    const alive = item.reproofs > 0 ? open.find(isBackToLife) : undefined;
    if (alive !== undefined) {
      const error = `came back to life after it was proved dead: ${alive.path} on ${alive.replica}: ${alive.code}`;
      await move(hands, held, 'failed', { open: false, error, cells, lines: [...lines, note(hands, 'item', item, { alert: error })] });
      return stop;
    }
    const where = first === undefined ? 'no path could be probed' : `${first.path} on ${first.replica}: ${first.code}`;
    return park(hands, held, `not proved (${where})`, { cells, lines });
  }
  const rewritten = item.reproofs > 0 ? await rewrittenStores(hands, held, fresh) : [];
  if (rewritten.length > 0) {
    const error = `written over after its consumers had moved: ${rewritten.map((c) => c.consumer).join(', ')}`;
    const consumers = rewritten.map((c) => ({ key: c.key, state: 'failed' as const, detail: 'its store holds another value again' }));
    return park(hands, held, error, { cells, consumers, lines: [...lines, note(hands, 'item', item, { alert: error })] });
  }
  const change = { cells, lines, secrets: rows.map((r) => ({ origin: r.origin, version: r.version, state: 'disproved' as const })) };
  if (item.residual !== null) {
    // Contained accounts stay shut while old sessions could still be used.
    if (item.blocked && can(connection, 'contain')) await paced(hands, held, () => connection.contain.block(item.ref));
    await move(hands, held, 'residual', { ...change, residual: item.residual, open: false });
    return stop;
  }
  if (item.consumers.length > 0) await move(hands, held, 'proved', change);
  else ride(hands, held, 'proved', change);
  return next;
}

/** One verdict for each cell as it is now; decides nothing about the item. */
export async function lookAtCells(hands: LaneHands, held: Held) {
  const { item } = held;
  const fresh = await candidateOf(hands, held);
  const rows = oldsOf(item);
  const olds = await Promise.all(
    rows.map(async (row) => ({ origin: row.origin, version: row.version, secret: await hands.escrow.open(item.account, row) })),
  );
  const beside = await besideOurs(hands, held);
  const verified = await hands.verify({
    claim: hands.claim,
    item,
    connection: hands.connection,
    fresh,
    olds,
    changedAfter: lowerBoundOf(hands, item),
    onlyOurs: beside.onlyOurs,
    proved: held.proved?.version === item.version ? held.proved.cells : [],
    pace: { probe: (probe) => pacedProbe(hands, held, probe), read: (read) => pacedRead(hands, held, read) },
  });
  held.proved = { version: item.version, cells: verified.cells.filter(({ verdict }) => verdict === 'proved') };
  if (verified.mustChange) held.mustChange = true;
  const lines = [...verified.lines, ...beside.lines];
  const cells = [...verified.cells, ...beside.cells].map((cell) => exceptedIn(item, cell));
  return { cells, lines, residual: verified.residual, again: verified.again, fresh, rows };
}

/** Stores that no longer hold the value: a deployment or an infrastructure tool put its own back. A store that cannot say is no finding. */
async function rewrittenStores(hands: LaneHands, held: Held, fresh: Secret): Promise<readonly WorkConsumer[]> {
  const rewritten: WorkConsumer[] = [];
  for (const consumer of held.item.consumers) {
    if (consumer.state === 'exempt') continue;
    const store = await hands.openStore(consumer.store);
    if (!can(store, 'storeConsumer')) continue;
    const holds = await store.storeConsumer.holds(consumer, held.item.ref, fresh);
    if (holds.kind === 'done' && !holds.value) rewritten.push(consumer);
  }
  return rewritten;
}

type Beside = { readonly onlyOurs: boolean; readonly cells: readonly Cell[]; readonly lines: readonly string[] };

/** Where the target lists what it accepts, nothing but our own slot may be there. A list is no login: it can spoil the proof, never be one. */
async function besideOurs(hands: LaneHands, held: Held): Promise<Beside> {
  if (strategyOfLane(hands) !== 'dual') return { onlyOurs: false, cells: [], lines: [] };
  const others = await strangers(hands, held);
  if (others?.length === 0)
    return { onlyOurs: true, cells: [], lines: [note(hands, 'item', held.item, { slots: 'the new one is the only one' })] };
  const code = others === undefined ? 'the target did not list its slots' : `issued by someone else and still live: ${others.join(', ')}`;
  const level = others === undefined ? 'none' : 'state';
  return {
    onlyOurs: false,
    cells: [{ path: 'slots', replica: hands.claim.system, at: hands.now(), verdict: 'not-proved', level, code }],
    lines: [],
  };
}

/**
 * Between the seal and the record of the write lies the moment the target changed. `appliedAt` is the record, and may be late: an answer
 * read by a busy worker, or a write whose lost answer was settled minutes after.
 */
function lowerBoundOf(hands: LaneHands, item: WorkItem): Date {
  const sealedAt = item.secrets.find((s) => s.origin === 'generated' && s.version === item.version)?.sealedAt;
  if (sealedAt === undefined) return item.appliedAt ?? hands.targetNow();
  return new Date(sealedAt.getTime() + hands.targetNow().getTime() - hands.now().getTime());
}

export async function completeItem(hands: LaneHands, held: Held): Promise<StepEnd> {
  if (!held.item.consumers.every((c) => c.state !== undefined && isAdopted(c.state))) {
    const waiting = await adopt(hands, held);
    if (waiting !== undefined && isAccepted(held.item)) {
      const exempt = held.item.consumers.filter((c) => c.state === undefined || !isAdopted(c.state));
      await move(hands, held, 'proved', {
        consumers: exempt.map((c) => ({ key: c.key, state: 'exempt', detail: 'accepted by the owner' })),
      });
    } else if (waiting !== undefined) {
      const broken = held.item.consumers.every((c) => c.state !== 'updated');
      if (!broken && performance.now() - held.since < hands.settings.adoptionMs) return { kind: 'again', afterMs: 250, why: waiting };
      return park(hands, held, waiting);
    }
  }
  // A secret that must be changed is replaced by whoever gets it: asked again later it would be refused, which is no sign of a restore.
  const reproofAt = held.mustChange ? undefined : nextReproof(held.item.reproofs, hands.now());
  await move(hands, held, 'complete', { open: false, ...(reproofAt && { reproofAt }) });
  return stop;
}
