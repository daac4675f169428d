// rekey audit: who signed in, was refused or changed who may do what, as it stands in the estate's evidence log.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { accessEvents } from '../../access/access.ts';
import { act, type Cli, common, examples, text } from '../cli.ts';
import { got } from '../client.ts';
import { withApi } from '../connect.ts';
import { quiet } from '../quiet.ts';
import { tableText, time } from '../words.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey audit ls',
    'rekey audit ls --by "Otto Berg" --since 2026-11-21',
    'rekey audit ls --event sign-in-refused --limit 1000 --json',
  ]);
  const ls = common(quiet(command.command('ls').summary('acts about access, newest first'), cli))
    .option('--by <name>', 'whoever did it')
    .addOption(new Option('--event <event>', 'what it was').choices(accessEvents))
    .option('--since <time>', 'from then on: 2026-11-21, or 2026-11-21T09:00:00Z', instant)
    .option('--limit <number>', 'how many', howMany, 100);
  act(cli, ls, (_, flags) =>
    withApi(cli, flags, {}, async ({ api }) => {
      const [by, since] = [text(flags, 'by'), text(flags, 'since')];
      const event = accessEvents.find((each) => each === flags.event);
      const query = {
        limit: Number(flags.limit),
        ...(by === undefined ? {} : { by }),
        ...(event === undefined ? {} : { event }),
        ...(since === undefined ? {} : { since }),
      };
      const { items, cursor } = await got(cli, api.GET('/v1/audit', { params: { query } }));
      if (cli.json) await cli.document('AuditList', items);
      else
        await cli.out(
          tableText([
            ['WHEN', 'WHAT', 'BY', 'ABOUT', 'FROM'],
            ...items.map((e) => [time(e.at), e.event, e.by ?? '-', e.member ?? '-', e.address ?? '-']),
          ]),
        );
      if (cursor !== undefined)
        cli.say('there are older ones: --limit takes up to 1000, and --since, --by and --event leave out what you do not look for');
      return 0;
    }),
  );
}

function instant(value: string): string {
  const at = new Date(value);
  if (!/^\d{4}-\d{2}-\d{2}/.test(value) || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('expected a day or a time such as 2026-11-21T09:00:00Z.');
  return at.toISOString();
}

function howMany(value: string): number {
  const n = Number(value);
  if (!Number.isInteger(n) || n < 1 || n > 1000) throw new InvalidArgumentError('expected a number from 1 to 1000.');
  return n;
}
