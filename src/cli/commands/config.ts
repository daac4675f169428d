// rekey config: the estate file checked, shown as it is understood, or its JSON Schema. Opens no store.
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { act, type Cli, common, examples, type Flags, text } from '../cli.ts';
import { quiet } from '../quiet.ts';
import { clean, cleanAll, jsonText } from '../terminal.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, ['rekey config validate', 'rekey config view --json', 'rekey config schema > rekey.schema.json']);
  const sub = (name: string, summary: string) => common(quiet(command.command(name).summary(summary).description(summary), cli));

  act(cli, sub('validate', 'check rekey.yaml; every error with its line and remedy'), async (_, flags) => {
    const { folder, warnings } = await inspected(cli, flags);
    for (const { place, message, hint } of warnings)
      cli.warn(`${place === undefined ? '' : `${clean(place)}: `}${clean(message)}${hint === undefined ? '' : ` (${clean(hint)})`}`);
    if (cli.json) await cli.document('Validation', { valid: true, folder });
    else await cli.out('valid\n');
    cli.say('next: rekey doctor');
    return 0;
  });

  act(cli, sub('view', 'the estate as it is understood, defaults filled in; it holds no secret'), async (_, flags) => {
    const { estate } = await inspected(cli, flags);
    if (cli.json) await cli.document('Config', estate);
    else await cli.raw(stringify(cleanAll(JSON.parse(JSON.stringify(estate)))));
    return 0;
  });

  act(cli, sub('schema', 'the JSON Schema of rekey.yaml'), async () => {
    await cli.raw(`${jsonText(await cli.house.estateSchema(), 2)}\n`);
    return 0;
  });
}

async function inspected(cli: Cli, flags: Flags) {
  const folder = await cli.house.estateFolder(text(flags, 'estate'), cli.terminal.cwd, cli.terminal.env);
  return { folder, ...(await cli.house.inspectEstate(folder, cli.terminal.env)) };
}
