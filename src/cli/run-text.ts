// A run as people read it: what changed, what did not, what is unknown, and the next command, also when it failed.
import type { ItemState } from '../domain/item.ts';
import { isEnded } from '../domain/run.ts';
import type { RunView } from '../domain/view.ts';
import type { Colors } from './cli.ts';
import { duration, number, tally, time } from './words.ts';

const sum = (counts: Partial<Record<ItemState, number>>, ...states: ItemState[]) =>
  states.reduce((n, state) => n + (counts[state] ?? 0), 0);

export function total(run: RunView): number {
  return Object.values(run.counts).reduce((n, count) => n + count, 0);
}

/** Items that need nothing more from this run. */
export function settled(run: RunView): number {
  return sum(run.counts, 'complete', 'residual', 'contained', 'failed', 'rolled-back', 'excluded', 'signed');
}

export function runText(run: RunView, c: Colors): string {
  const { counts, cells, exposure } = run;
  const lines = [
    `${c.bold(`Run ${run.id}`)} of plan ${run.plan}: ${stateWord(run, c)}`,
    `  started ${time(run.startedAt)} by ${run.startedBy}${run.endedAt === null ? '' : `, ended ${time(run.endedAt)}`}`,
  ];
  if (run.halt !== null)
    lines.push(
      `  ${c.yellow(run.state === 'aborted' ? 'aborted' : 'halted')} by ${run.halt.by} at ${time(run.halt.at)}: ${run.halt.reason}`,
    );
  for (const wave of run.waves)
    lines.push(`  wave ${wave.n} ${wave.name}: ${wave.state}${wave.reason === null ? '' : ` (${wave.reason})`} · ${tally(wave.counts)}`);
  for (const system of run.systems)
    if (system.state === 'halted') lines.push(`  ${c.red(`${system.system} stopped`)}: ${system.reason ?? 'no reason recorded'}`);
    else if (system.state === 'running' && system.reason !== null) lines.push(`  ${c.yellow(system.system)}: ${system.reason}`);
  lines.push(
    '',
    `changed:      ${number(sum(counts, 'complete', 'residual', 'proved', 'revoked', 'propagated', 'applied', 'contained'))} (${tally(pick(counts, ['complete', 'residual', 'contained', 'proved', 'revoked', 'propagated', 'applied']))})`,
    `not changed:  ${number(sum(counts, 'planned', 'sealed', 'failed', 'excluded', 'rolled-back'))} (${tally(pick(counts, ['failed', 'rolled-back', 'excluded', 'planned', 'sealed']))})`,
    `unknown:      ${number(sum(counts, 'sent', 'in-doubt'))} (${tally(pick(counts, ['in-doubt', 'sent']))})`,
    `proof cells:  ${tally({ proved: cells.proved, inferred: cells.inferred, residual: cells.residual, 'not proved': cells.notProved, excepted: cells.excepted, 'signed, not proved': cells.signed })}`,
  );
  const tasks = sum(counts, 'by-hand', 'signed');
  if (tasks > 0)
    lines.push(
      `by hand:      ${number(tasks)} (${tally({ 'not covered until signed': counts['by-hand'] ?? 0, 'signed, not proved': counts.signed ?? 0 })})`,
    );
  if (Object.keys(run.consumers).length > 0) lines.push(`consumers:    ${tally(run.consumers)}`);
  if (exposure.firstDenied !== null) {
    const parts = [`first ${duration(exposure.firstDenied)}`];
    if (exposure.p50 !== null) parts.push(`half ${duration(exposure.p50)}`);
    if (exposure.p95 !== null) parts.push(`95 % ${duration(exposure.p95)}`);
    if (exposure.lastDenied !== null) parts.push(`last ${duration(exposure.lastDenied)}`);
    lines.push(`old denied:   ${parts.join(' · ')} after the start`);
  }
  for (const { error, count, sample } of run.failures)
    lines.push(
      `${c.red('✘')} ${number(count)} × ${error}${sample.length > 0 ? ` (${sample.slice(0, 3).join(', ')}${count > Math.min(3, sample.length) ? ', …' : ''})` : ''}`,
    );
  lines.push(...nextForRun(run).map((next) => `next: ${next}`), '');
  return lines.join('\n');
}

function pick(counts: Partial<Record<ItemState, number>>, states: readonly ItemState[]): Partial<Record<ItemState, number>> {
  return Object.fromEntries(states.filter((state) => counts[state]).map((state) => [state, counts[state]]));
}

function stateWord(run: RunView, c: Colors): string {
  const paint = run.state === 'complete' ? c.green : run.state === 'running' || run.state === 'residual' ? c.yellow : c.red;
  const words = {
    running: 'running',
    paused: 'paused',
    aborted: 'aborted',
    complete: '✔ complete',
    residual: 'residual: finished, some old access ends by itself later',
    incomplete: '✘ incomplete: finished with failures, open questions or unproved cells',
  } as const;
  return paint(words[run.state]);
}

export function nextForRun(run: RunView): string[] {
  const { id, counts } = run;
  if (run.state === 'running') return [`rekey run watch ${id}`];
  if (run.state === 'paused') return [`rekey run resume ${id}`];
  const next: string[] = [];
  if (sum(counts, 'in-doubt', 'sent') > 0) next.push(`rekey run retry ${id} --state in-doubt`);
  if (sum(counts, 'failed') > 0) next.push(`rekey run items ${id} --state failed`, `rekey run retry ${id} --state failed`);
  const open = (['planned', 'sealed', 'applied', 'propagated', 'revoked', 'proved'] as const).filter((state) => (counts[state] ?? 0) > 0);
  if (open.length > 0 && run.state !== 'aborted') next.push(`rekey run retry ${id} --state ${open.join(',')}`);
  if (sum(counts, 'by-hand') > 0)
    next.push(`rekey run items ${id} --state by-hand`, `rekey run sign-off ${id} SYSTEM/ACCOUNT --by OWNER --reason TEXT`);
  if (sum(counts, 'residual') > 0) next.push(`rekey run items ${id} --state residual`);
  return [...next, `rekey prove ${id} -o evidence-${id}`];
}

/**
 * The exit code that a run's state stands for. `residual` is 7, as interface.md puts unproved items: a script that accepts residuals
 * with a running clock says so with --accept-residual. A halt by a guardrail is 10, a pause by a person is 8: it can go on.
 */
export function exitOf(run: RunView, acceptResidual = false): number {
  if (run.state === 'complete') return 0;
  if (run.state === 'residual') return acceptResidual ? 0 : 7;
  if (run.halt?.by === 'guardrail' || (run.state === 'running' && run.waves.some((wave) => wave.state === 'held'))) return 10;
  return isEnded(run.state) ? 7 : 8;
}
