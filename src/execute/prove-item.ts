// revoked → proved → complete | residual: the cells are closed and every consumer is on the new value, or the item says what is missing.
import { isAdopted } from '../domain/consumer.ts';
import { type Cell, isClosed } from '../domain/verdict.ts';
import { can } from '../kit/connector.ts';
import { adopt } from './adopt.ts';
import { candidateOf, oldsOf } from './candidate.ts';
import { type Held, type LaneHands, move, next, paced, pacedProbe, pacedRead, park, type StepEnd, stop } from './lane-hands.ts';
import type { WorkItem } from './port.ts';

/** A path that did not answer five times over is down: that is a finding, not a reason to wait. */
const mostSilent = 5;

export async function proveItem(hands: LaneHands, held: Held): Promise<StepEnd> {
  const { connection, claim } = hands;
  const { item } = held;
  const fresh = await candidateOf(hands, held);
  const rows = oldsOf(item);
  if (item.blocked && can(connection, 'contain')) {
    const freed = await paced(hands, () => connection.contain.unblock(item.ref));
    if (freed.kind !== 'done')
      return { kind: 'again', afterMs: 1000, why: `could not unblock the account for its proof: ${freed.fault.message}` };
  }
  const olds = await Promise.all(
    rows.map(async (row) => ({ origin: row.origin, version: row.version, secret: await hands.escrow.open(item.account, row) })),
  );
  const changedAfter = lowerBoundOf(hands, item);
  const began = performance.now();
  const verified = await hands.verify({
    claim,
    item,
    connection,
    fresh,
    olds,
    changedAfter,
    pace: { probe: (probe) => pacedProbe(hands, probe), read: (read) => pacedRead(hands, read) },
  });
  hands.measured.probeMs = hands.measured.probeMs * 0.9 + (performance.now() - began) * 0.1;
  const { lines, residual, again } = verified;
  const cells = verified.cells.map((cell) => exceptedIn(item, cell));
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
    if (item.blocked && can(connection, 'contain')) await paced(hands, () => connection.contain.block(item.ref));
    const where = first === undefined ? 'no path could be probed' : `${first.path} on ${first.replica}: ${first.code}`;
    return park(hands, held, `not proved (${where})`, { cells, lines });
  }
  await move(hands, held, 'proved', {
    cells,
    lines,
    secrets: rows.map((r) => ({ origin: r.origin, version: r.version, state: 'disproved' })),
  });
  return next;
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

/** A cell a named owner accepted is shown as excepted, never as proved. */
function exceptedIn(item: WorkItem, cell: Cell): Cell {
  if (isClosed(cell)) return cell;
  const accepted = item.exceptions.find((x) => x.path === null || x.path === cell.path);
  return accepted === undefined
    ? cell
    : {
        ...cell,
        verdict: 'excepted',
        level: 'owner',
        code: `accepted by ${accepted.owner} until ${accepted.until}; otherwise: ${cell.code}`,
      };
}

/** Everything about the item was accepted: what still waits is let go, by name. */
export function isAccepted(item: WorkItem): boolean {
  return item.exceptions.some((x) => x.path === null);
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
  await move(hands, held, 'complete', { open: false });
  return stop;
}
