// rekey worker: does the work of the estate's runs in this process, until it is stopped or nothing is left to do.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { Problem } from '../../domain/problem.ts';
import { act, type Cli, common, examples, text } from '../cli.ts';
import { got } from '../client.ts';
import { openHere, sayContext } from '../connect.ts';
import { settled, total } from '../run-text.ts';
import { number } from '../words.ts';

const lookEvery = 1000;
/** Runs are listed newest first; one older than this many others is not waited for by --until-idle. */
const looksAt = 100;

export function define(command: Command, cli: Cli): void {
  examples(command, ['rekey worker', 'rekey worker --until-idle', 'REKEY_ESTATE=/srv/rekey rekey worker --json']);
  common(command).option('--until-idle', 'leave when no run is running');
  act(cli, command, async (_, flags) => {
    if (text(flags, 'context') !== undefined)
      throw new Problem('usage', { place: '--context', message: 'a worker opens the estate itself', hint: '--estate DIR' });
    const folder = await cli.house.estateFolder(text(flags, 'estate'), cli.terminal.cwd, cli.terminal.env);
    const connection = await openHere(cli, folder, join(folder, '.rekey', 'rekey.sock'), { worker: true });
    const stop = new AbortController();
    const unsubscribe = cli.terminal.onInterrupt(() => {
      if (stop.signal.aborted) process.exit(130);
      stop.abort();
    });
    try {
      sayContext(cli, connection);
      cli.say(
        flags.untilIdle === true ? 'working until nothing is left to do' : 'working; Ctrl-C stops after what is on its way is settled',
      );
      const said = new Map<string, string>();
      while (!stop.signal.aborted) {
        const { items } = await got(cli, connection.api.GET('/v1/runs', { params: { query: { limit: looksAt } } }));
        for (const run of items) {
          const line = `run ${run.id} ${run.state} ${number(settled(run))}/${number(total(run))}`;
          const before = said.get(run.id);
          if (before !== undefined && before !== line) cli.say(`${new Date().toISOString()} ${line}`);
          said.set(run.id, line);
        }
        if (flags.untilIdle === true && !items.some((run) => run.state === 'running' && !run.waves.some((wave) => wave.state === 'held')))
          break;
        await delay(lookEvery, undefined, { signal: stop.signal }).catch(() => undefined);
      }
      if (cli.json) await cli.document('Worker', { idle: !stop.signal.aborted });
      return stop.signal.aborted ? 130 : 0;
    } finally {
      unsubscribe();
      await connection.close();
    }
  });
}
