// One item of a run on one line: its state, where the old secret is dead, and what is open.
import type { ItemView } from '../domain/view.ts';
import type { Colors } from './cli.ts';
import { time } from './words.ts';

export function itemLine(item: ItemView, c: Colors): string {
  const paint = item.state === 'complete' ? c.green : item.state === 'failed' || item.state === 'in-doubt' ? c.red : c.yellow;
  const cells = item.cells.map((cell) => `${cell.path}@${cell.replica} ${cell.verdict} (${cell.level}, ${cell.code})`);
  const consumers = item.consumers.map((consumer) => `↻ ${consumer.id} ${consumer.state}`);
  const parts = [
    paint(item.state.padEnd(11)),
    `${item.system}/${item.account}`,
    `wave ${item.wave}`,
    ...(item.version === null ? [] : [`version ${item.version}`]),
    ...cells,
    ...consumers,
    ...(item.residual === null ? [] : [`until ${time(item.residual.until)}: ${item.residual.why}`]),
    ...(item.error === null ? [] : [c.red(item.error)]),
  ];
  return `${parts.join('  ')}\n`;
}
