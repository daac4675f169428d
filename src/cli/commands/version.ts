// rekey version: of this program, and of what it runs on.
import type { Command } from 'commander';
import { act, type Cli, common, examples } from '../cli.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, ['rekey version', 'rekey version --json', 'rekey --version']);
  act(cli, common(command), async () => {
    const version = cli.house.version();
    if (cli.json) await cli.document('Version', { rekey: version, node: process.version });
    else await cli.out(`rekey ${version} (node ${process.version})\n`);
    return 0;
  });
}
