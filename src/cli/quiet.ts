// Commander on our streams: it ends no process and prints no refusal itself; main.ts does, in our form.
import type { Command } from 'commander';
import type { Cli } from './cli.ts';

/** Positional options: `plan show P --json` belongs to show, though plan has a --json of its own. */
export function quiet(command: Command, cli: Cli): Command {
  return command
    .enablePositionalOptions()
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => cli.terminal.stdout.write(text),
      writeErr: (text) => cli.terminal.stderr.write(text),
      outputError: () => {},
    });
}
