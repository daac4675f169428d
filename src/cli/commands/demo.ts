// rekey demo: the whole path on a fictitious estate, run through the same commands people use. Nothing real is touched.
import type { Command } from 'commander';
import { act, type Cli, common, examples, text } from '../cli.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, ['rekey demo', 'rekey demo --seed 7', 'npm run demo']);
  common(command).option('--seed <text>', 'another estate, the same every time', '1');
  act(cli, command, async (_, flags) => {
    const stop = new AbortController();
    const unsubscribe = cli.terminal.onInterrupt(() => stop.abort());
    // The demo lives in a folder of its own: no server and no estate of the caller's environment may take its place.
    const { REKEY_URL: _url, REKEY_ESTATE: _estate, ...env } = cli.terminal.env;
    try {
      return await cli.house.runDemo({
        seed: text(flags, 'seed') ?? '1',
        say: (said) => cli.say(said),
        rekey: (argv, folder) =>
          cli.program.run(argv, {
            terminal: { ...cli.terminal, env, cwd: folder, onInterrupt: cli.terminal.onInterrupt.bind(cli.terminal) },
            house: cli.house,
          }),
        signal: stop.signal,
      });
    } finally {
      unsubscribe();
    }
  });
}
