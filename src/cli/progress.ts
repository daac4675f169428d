// Progress on stderr: on a terminal at most 12 lines, redrawn at most four times a second; elsewhere a plain line per change of state or each 10 s.
import type { RunView } from '../domain/view.ts';
import type { Cli } from './cli.ts';
import { settled, total } from './run-text.ts';
import { duration, number, tally } from './words.ts';

const redrawEvery = 250;
const lineEvery = 10_000;
const mostLines = 12;
const barWidth = 20;

export class Progress {
  readonly #cli: Cli;
  readonly #now: () => number;
  #drawn = 0;
  #drawnAt = 0;
  #shape = '';
  #last: RunView | undefined;

  constructor(cli: Cli, now: () => number = Date.now) {
    this.#cli = cli;
    this.#now = now;
  }

  show(run: RunView): void {
    if (this.#cli.json) return;
    this.#last = run;
    const now = this.#now();
    if (this.#cli.animated) {
      if (now - this.#drawnAt < redrawEvery) return;
      this.#drawnAt = now;
      this.#redraw(this.#lines(run, now));
      return;
    }
    const shape = JSON.stringify([run.state, run.waves.map((w) => [w.state, w.reason]), run.systems.map((s) => [s.state, s.reason])]);
    if (shape === this.#shape && now - this.#drawnAt < lineEvery) return;
    this.#shape = shape;
    this.#drawnAt = now;
    this.#cli.say(plainLine(run, now));
  }

  /** Leaves the last picture standing, so that what follows starts below it. */
  end(): void {
    if (this.#cli.animated && this.#last !== undefined) this.#redraw(this.#lines(this.#last, this.#now()));
    this.#drawn = 0;
  }

  #redraw(lines: readonly string[]): void {
    const { stderr } = this.#cli.terminal;
    const width = stderr.columns ?? 80;
    // A line that wraps would leave the cursor count wrong: each is cut to the width before it is painted.
    const body = lines.slice(0, mostLines).map((line) => `\u001b[2K${[...line].slice(0, width - 1).join('')}\n`);
    stderr.write(`${this.#drawn > 0 ? `\u001b[${this.#drawn}A` : ''}${body.join('')}\u001b[0J`);
    this.#drawn = body.length;
  }

  #lines(run: RunView, now: number): string[] {
    const done = settled(run);
    const all = total(run);
    const elapsed = (now - Date.parse(run.startedAt)) / 1000;
    const rate = elapsed > 0 ? done / elapsed : 0;
    const left = rate > 0 && done < all ? ` · about ${duration((all - done) / rate)} left` : '';
    const lines = [`run ${run.id} ${run.state} · ${number(done)}/${number(all)} · ${duration(elapsed)}${left}`];
    // With many waves the ones that move are shown; the rest is one line.
    const shown =
      run.waves.length <= 5 ? run.waves : run.waves.filter((wave) => wave.state === 'running' || wave.state === 'held').slice(0, 4);
    for (const wave of shown)
      lines.push(
        `  ${wave.n} ${bar(wave.counts)} ${wave.name}: ${wave.state}${wave.reason === null ? '' : ` (${wave.reason})`} ${tally(wave.counts)}`,
      );
    if (shown.length < run.waves.length)
      lines.push(
        `  ${run.waves.filter((w) => w.state === 'done').length} waves done, ${run.waves.filter((w) => w.state === 'waiting').length} waiting`,
      );
    const halted = run.systems.filter((system) => system.state === 'halted');
    const busy = run.systems.filter((system) => system.state === 'running' && system.perSecond !== null);
    if (busy.length > 0)
      lines.push(
        `  ${busy
          .slice(0, 4)
          .map((s) => `${s.system} ${Math.round(s.perSecond ?? 0)}/s`)
          .join(' · ')}`,
      );
    for (const system of halted.slice(0, 2)) lines.push(`  ${system.system} stopped: ${system.reason ?? 'no reason recorded'}`);
    for (const failure of run.failures.slice(0, 3)) lines.push(`  ✘ ${number(failure.count)} × ${failure.error}`);
    return lines;
  }
}

function bar(counts: RunView['waves'][number]['counts']): string {
  const view = { counts } as RunView; // total and settled read the counts only
  const all = total(view);
  const full = all === 0 ? 0 : Math.floor((settled(view) / all) * barWidth);
  return '█'.repeat(full) + '░'.repeat(barWidth - full);
}

function plainLine(run: RunView, now: number): string {
  const wave = run.waves.find((w) => w.state === 'running' || w.state === 'held');
  const halted = run.systems.filter((s) => s.state === 'halted').map((s) => ` · ${s.system} stopped: ${s.reason ?? 'no reason recorded'}`);
  const at = wave === undefined ? '' : ` · wave ${wave.n} ${wave.name} ${wave.state}${wave.reason === null ? '' : ` (${wave.reason})`}`;
  return `${new Date(now).toISOString()} run ${run.id} ${run.state}${at} · ${number(settled(run))}/${number(total(run))} · ${tally(run.counts)}${halted.join('')}`;
}
