// Follows a run to its end or standstill, through broken connections, and says how it stands. Nothing of the run lives in this process.
import { setTimeout as delay } from 'node:timers/promises';
import { isEnded } from '../domain/run.ts';
import type { RunView } from '../domain/view.ts';
import type { Cli, Flags } from './cli.ts';
import { got, problemFrom, streamed } from './client.ts';
import { type Connection, connectTo } from './connect.ts';
import { linesOf } from './lines.ts';
import { Progress } from './progress.ts';
import { exitOf, runText } from './run-text.ts';
import { cleanAll } from './terminal.ts';

export const interrupted = 130;
/** A run that stands still this long gets a word about workers, once. */
const stillFor = 15_000;
/** What a pause at Ctrl-C may take before the process leaves anyway. */
const pauseWithin = 5000;

/** Watches until the run ends or is halted, then reports. The exit code is the run's, or 130 after Ctrl-C. */
export async function follow(cli: Cli, flags: Flags, first: Connection, id: string): Promise<number> {
  const stop = new AbortController();
  const progress = new Progress(cli);
  const unsubscribe = cli.terminal.onInterrupt(() => {
    if (stop.signal.aborted) process.exit(interrupted); // the second Ctrl-C does not wait for anything
    stop.abort();
  });
  let connection = first;
  try {
    for (;;) {
      const run = await watch(cli, connection, id, progress, stop.signal);
      if (stop.signal.aborted) return await detach(cli, connection, id);
      if (run !== undefined) {
        progress.end();
        return await report(cli, run, flags.acceptResidual === true);
      }
      // The process that served us ended, or the line broke. The run is on disk: whoever is there now goes on.
      await delay(300);
      const next = await connectTo(cli, flags, { worker: true });
      if (connection !== first) await connection.close();
      connection = next;
    }
  } finally {
    unsubscribe();
    if (connection !== first) await connection.close();
  }
}

export async function report(cli: Cli, run: RunView, acceptResidual: boolean): Promise<number> {
  if (cli.json) await cli.document('Run', run);
  else await cli.out(runText(run, cli.colors(cli.terminal.stdout)));
  return exitOf(run, acceptResidual);
}

/** The run at its end or halt; undefined when the stream broke before. */
async function watch(
  cli: Cli,
  { kind, transport, api }: Connection,
  id: string,
  progress: Progress,
  stop: AbortSignal,
): Promise<RunView | undefined> {
  const answer = await streamed(transport, {
    method: 'GET',
    path: `/v1/runs/${encodeURIComponent(id)}/events`,
    headers: { accept: 'text/event-stream' },
  });
  const leave = () => answer.body.destroy();
  stop.addEventListener('abort', leave, { once: true });
  let moved = Date.now();
  let hinted = false;
  const nudge = setInterval(() => {
    if (hinted || kind === 'here' || Date.now() - moved < stillFor) return;
    hinted = true;
    cli.say(`nothing has moved for ${stillFor / 1000} s; if no worker is running on this estate, start one: rekey worker`);
  }, 1000);
  try {
    for await (const line of linesOf(answer.body)) {
      if (!line.startsWith('data: ')) continue;
      const event = JSON.parse(line.slice(6)) as { type: string; run?: RunView; problem?: unknown }; // written by our own route
      if (event.type === 'problem') throw problemFrom(event.problem, 500);
      if (event.run === undefined) continue;
      moved = Date.now();
      const run = cli.json ? event.run : cleanAll(event.run);
      progress.show(run);
      if (isEnded(run.state) || run.state === 'paused') return run;
      // A held wave with nothing else moving waits for a person: waiting here would be for ever.
      if (run.waves.some((wave) => wave.state === 'held') && !run.waves.some((wave) => wave.state === 'running'))
        return await got(cli, api.GET('/v1/runs/{id}', { params: { path: { id } } }));
    }
    return undefined;
  } catch (error) {
    if (stop.aborted || isBroken(error)) return undefined;
    throw error;
  } finally {
    clearInterval(nudge);
    stop.removeEventListener('abort', leave);
    answer.body.destroy();
  }
}

function isBroken(error: unknown): boolean {
  return (
    ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'LIGHT_ECONNRESET', 'UND_ERR_SOCKET', 'ABORT_ERR'].includes(
      String((error as { code?: unknown }).code),
    ) || error instanceof TypeError
  );
}

/** Ctrl-C. A run that this process was doing is paused, so that its state on disk is the truth; one done elsewhere goes on. */
async function detach(cli: Cli, { kind, api }: Connection, id: string): Promise<number> {
  if (kind !== 'here') {
    cli.say(`\nrun continues — rekey run watch ${id}`);
    return interrupted;
  }
  try {
    await got(
      cli,
      api.POST('/v1/runs/{id}/pause', {
        params: { path: { id } },
        body: { reason: 'interrupted at the terminal' },
        signal: AbortSignal.timeout(pauseWithin),
      }),
    );
    cli.say(`\nrun paused on disk — rekey run resume ${id}`);
  } catch {
    // It ended in the same moment, or the store is slow: what is on disk is consistent either way.
    cli.say(`\nleft run ${id} as it is on disk — rekey run show ${id}`);
  }
  return interrupted;
}
