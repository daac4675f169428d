// One person of a run as people read it: the verdict first, then every account it is made of, and those the run does not hold.
import type { PersonView } from '../domain/view.ts';
import type { Colors } from './cli.ts';
import { tally, time } from './words.ts';

const words = {
  failed: '✘ failed: an old secret still works',
  'in-doubt': '✘ in doubt: a write went out and its result is not known',
  'not-proved': '✘ not proved',
  running: 'running',
  contained: 'contained: an account is blocked instead of reset',
  residual: 'residual: some old access ends by itself later',
  signed: 'signed: an owner says it is done, nothing proved it',
  done: '✔ done',
  'left-out': 'not touched by this run',
} as const;

export function personText(p: PersonView, c: Colors): string {
  const paint =
    p.verdict === 'done' ? c.green : p.verdict === 'failed' || p.verdict === 'in-doubt' || p.verdict === 'not-proved' ? c.red : c.yellow;
  const { notProved, ...cells } = p.cells;
  const lines = [
    `${c.bold(p.person)}: ${paint(words[p.verdict])}${p.residualUntil === null ? '' : ` (until ${time(p.residualUntil)})`} · cells: ${tally({ ...cells, 'not proved': notProved }) || 'none'}`,
  ];
  for (const { group, step, behind } of p.sync)
    if (step === 'not-in-step') lines.push(`  ${c.red('not in step')} (${group}): the shared value is not on ${behind.join(', ')}`);
    else
      lines.push(`  ${step === 'in-step' ? 'in step' : 'nothing set yet'} (${group})${behind.length > 0 ? `: ${behind.join(', ')}` : ''}`);
  for (const a of p.accounts)
    lines.push(`  ${a.state.padEnd(11)} ${a.system}/${a.account}  wave ${a.wave}${a.error === null ? '' : `  ${c.red(a.error)}`}`);
  for (const { system, account, why } of p.leftOut) lines.push(`  ${c.yellow('left out'.padEnd(11))} ${system}/${account}  ${why}`);
  return `${lines.join('\n')}\n`;
}
