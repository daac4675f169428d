// rekey completion: a script for the user's shell, made from the commands themselves, so that it never names a flag that is not there.
import type { Command, Option } from 'commander';
import { Problem } from '../../domain/problem.ts';
import { act, type Cli, examples } from '../cli.ts';
import { completionScript, shells, type Word } from '../completion-script.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'source <(rekey completion bash)',
    'rekey completion zsh > ~/.zsh/completions/_rekey',
    'rekey completion fish > ~/.config/fish/completions/rekey.fish',
  ]);
  command.argument('<shell>', shells.join(', '));
  act(cli, command, async ([shell = '']) => {
    const known = shells.find((name) => name === shell);
    if (known === undefined)
      throw new Problem('usage', { message: `no completion for ${shell}`, hint: `rekey completion ${shells.join('|')}` });
    const program = await cli.program.tree(cli, 'all');
    await cli.raw(completionScript(known, program.commands.map(wordOf)));
    return 0;
  });
}

function wordOf(command: Command): Word {
  return {
    name: command.name(),
    summary: command.summary(),
    flags: command.options.filter((o: Option) => !o.hidden).map((o: Option) => o.long ?? o.short ?? ''),
    words: command.commands.map(wordOf),
  };
}
