// The command line: one process, one command, one exit code. Streams and the house can be given, so that tests run it in process.
import { once } from 'node:events';
import { CommanderError } from 'commander';
import { Cli } from './cli.ts';
import { failed, usageProblem } from './failure.ts';
import type { House } from './house.ts';
import { house } from './open.ts';
import { commands, programOf } from './program.ts';
import { processTerminal, type Terminal } from './terminal.ts';

export type Surroundings = { readonly terminal?: Terminal; readonly house?: House };

export async function main(argv: readonly string[], around: Surroundings = {}): Promise<number> {
  const cli = new Cli(around.terminal ?? processTerminal(), around.house ?? house, { tree: programOf, run: main });
  cli.terminal.stdout.on('error', ignoreClosedPipe);
  const name = argv.find((arg) => !arg.startsWith('-')) ?? '';
  try {
    const program = await programOf(cli, [name]);
    if (argv.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return cli.exit;
  } catch (error) {
    cli.json ||= argv.includes('--json');
    if (isClosedPipe(error)) return 0;
    if (!(error instanceof CommanderError)) return await failed(cli, error);
    const path = commands.some((command) => command.name === name) ? `rekey ${name}` : 'rekey';
    const problem = usageProblem(error, path);
    return problem === undefined ? 0 : await failed(cli, problem);
  } finally {
    await flushed(cli.terminal.stdout);
    cli.terminal.stdout.off('error', ignoreClosedPipe);
  }
}

/** `rekey account ls | head` ends without a complaint, as other tools do. */
function isClosedPipe(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'EPIPE';
}

function ignoreClosedPipe(error: unknown): void {
  if (!isClosedPipe(error)) throw error;
}

async function flushed(stream: Terminal['stdout']): Promise<void> {
  if (stream.writableNeedDrain) await once(stream, 'drain').catch(() => undefined);
}
