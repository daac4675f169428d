// rekey init: a new estate in a folder. Never writes over an existing one.
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { asKebab } from '../../estate/init.ts';
import { act, type Cli, common, examples, text } from '../cli.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, ['rekey init', 'rekey init acme', 'rekey init /srv/rekey --name acme']);
  common(command)
    .argument('[dir]', 'folder; made when it is missing', '.')
    .option('--name <name>', "the estate's name; left out: the folder's");
  act(cli, command, async ([dir = '.'], flags) => {
    const folder = resolve(cli.terminal.cwd, dir);
    const name = text(flags, 'name') ?? (asKebab(basename(folder)) || 'estate');
    const { files } = await cli.house.initEstate({ folder, name });
    if (cli.json) await cli.document('Estate', { name, folder, files });
    else await cli.out(files.map((file) => `${file}\n`).join(''));
    cli.say(
      `estate ${name} made in ${folder}\nKeep a copy of the keyring apart from the store: without it nothing sealed can be opened.\nnext: add your systems to rekey.yaml, then rekey doctor`,
    );
    return 0;
  });
}
