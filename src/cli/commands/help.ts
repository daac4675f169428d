// rekey help: of a command, or the table of exit codes that scripts rely on.
import type { Command } from 'commander';
import { Problem } from '../../domain/problem.ts';
import { act, type Cli, examples } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { table } from '../words.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, ['rekey help exit-codes', 'rekey help plan', 'rekey plan --help']);
  command.argument('[topic]', 'a command, or exit-codes').option('--json', 'as one JSON document');
  act(cli, command, async ([topic]) => {
    if (topic === 'exit-codes') {
      if (cli.json) await cli.document('ExitCodes', exitCodes);
      else
        await cli.out(
          table(exitCodes.map(({ exit, meaning, codes }) => [String(exit), meaning, codes.join(', ')]))
            .map((line) => `${line}\n`)
            .join(''),
        );
      return 0;
    }
    const program = await cli.program.tree(cli, topic === undefined ? [] : [topic]);
    const named = topic === undefined ? program : program.commands.find((known) => known.name() === topic);
    if (named === undefined) throw new Problem('usage', { message: `there is no command ${topic}`, hint: 'rekey --help' });
    named.outputHelp();
    return 0;
  });
}
