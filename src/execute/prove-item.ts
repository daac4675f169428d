// revoked → proved → complete | residual: the cells are closed and every consumer is on the new value, or the item says what is missing.
import { isAdopted } from '../domain/consumer.ts';
import { isClosed } from '../domain/verdict.ts';
import { can } from '../kit/connector.ts';
import { adopt } from './adopt.ts';
import { candidateOf, oldsOf } from './candidate.ts';
import { type Held, type LaneHands, move, next, paced, park, type StepEnd, stop } from './lane-hands.ts';

export async function proveItem(hands: LaneHands, held: Held): Promise<StepEnd> {
  const { connection, claim } = hands;
  const { item } = held;
  const fresh = await candidateOf(hands, held);
  const rows = oldsOf(item);
  if (claim.mode === 'contain' && can(connection, 'contain')) {
    const freed = await paced(hands, () => connection.contain.unblock(item.ref));
    if (freed.kind !== 'done')
      return { kind: 'again', afterMs: 1000, why: `could not unblock the account for its proof: ${freed.fault.message}` };
  }
  const olds = await Promise.all(
    rows.map(async (row) => ({ origin: row.origin, version: row.version, secret: await hands.escrow.open(item.account, row) })),
  );
  const appliedAt = item.appliedAt ?? hands.targetNow();
  const began = performance.now();
  const { cells, lines, residual, again } = await hands.verify({ claim, item, connection, fresh, olds, appliedAt });
  hands.measured.probeMs = hands.measured.probeMs * 0.9 + (performance.now() - began) * 0.1;
  const open = cells.filter((c) => !isClosed(c));
  if (again !== undefined && performance.now() - held.since < hands.settings.patienceMs) {
    await move(hands, held, 'revoked', { cells, lines, error: again.why });
    return { kind: 'again', afterMs: again.afterMs, why: again.why };
  }
  if (residual !== undefined) {
    await move(hands, held, 'residual', { cells, lines, residual, open: false });
    return stop;
  }
  const first = open[0];
  if (first !== undefined || cells.length === 0) {
    if (claim.mode === 'contain' && can(connection, 'contain')) await paced(hands, () => connection.contain.block(item.ref));
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

export async function completeItem(hands: LaneHands, held: Held): Promise<StepEnd> {
  if (!held.item.consumers.every((c) => c.state !== undefined && isAdopted(c.state))) {
    const waiting = await adopt(hands, held);
    if (waiting !== undefined) {
      const broken = held.item.consumers.every((c) => c.state !== 'updated');
      if (!broken && performance.now() - held.since < hands.settings.adoptionMs) return { kind: 'again', afterMs: 250, why: waiting };
      return park(hands, held, waiting);
    }
  }
  await move(hands, held, 'complete', { open: false });
  return stop;
}
