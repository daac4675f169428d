// rekey notice: what was sent to whom, how a message looks, whether a channel works.
import { type Command, Option } from 'commander';
import { messageStates } from '../../domain/message-view.ts';
import { Problem } from '../../domain/problem.ts';
import { act, type Cli, common, examples, type Flags, text } from '../cli.ts';
import { got } from '../client.ts';
import { sayContext, withApi } from '../connect.ts';
import { quiet } from '../quiet.ts';
import { table, time } from '../words.ts';
import { wholeNumber } from './account.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey notice ls --state dead',
    'rekey notice preview decision --to html > decision.html',
    'rekey notice test mail --to alice@example.test',
  ]);
  const ls = common(quiet(command.command('ls').summary('messages, newest first; --state dead: who was not reached, and why'), cli))
    .addOption(new Option('--state <state>', 'only messages in this state').choices([...messageStates]))
    .option('--limit <n>', 'at most this many', wholeNumber, 50);
  act(cli, ls, (_, flags) => withApi(cli, flags, {}, ({ api }) => list(cli, api, flags)));

  const preview = common(
    quiet(
      command
        .command('preview')
        .summary('a template with made-up content')
        .argument('<template>', 'decision, trouble, finished, progress, credential or test'),
      cli,
    ),
  ).addOption(new Option('--to <form>', 'which part').choices(['text', 'html']).default('text'));
  act(cli, preview, ([name = ''], flags) =>
    withApi(cli, flags, {}, async ({ api }) => {
      const shown = await got(cli, api.GET('/v1/notices/templates/{name}', { params: { path: { name } } }));
      if (cli.json) await cli.document('NoticePreview', shown);
      else await cli.out(flags.to === 'html' ? shown.html : `Subject: ${shown.subject}\n\n${shown.text}\n`);
      return 0;
    }),
  );

  const test = common(
    quiet(
      command.command('test').summary('send a test message over one channel, now').argument('<channel>', 'mail, or the id of a webhook'),
      cli,
    ),
  ).option('--to <address>', 'mail: to whom');
  act(cli, test, ([channel = ''], flags) =>
    withApi(cli, flags, {}, async (connection) => {
      sayContext(cli, connection);
      const to = text(flags, 'to');
      const { sent, reason } = await got(
        cli,
        connection.api.POST('/v1/notices/test', { body: { channel, ...(to === undefined ? {} : { to }) } }),
      );
      if (!sent)
        throw new Problem('target-unreachable', {
          message: `${channel} did not take the message: ${reason}`,
          place: `notify ${channel}`,
          hint: 'mend the block "notify" of rekey.yaml, or the server',
        });
      if (cli.json) await cli.document('NoticeTest', { sent, reason });
      else cli.say(`${channel} took the message`);
      return 0;
    }),
  );
}

async function list(cli: Cli, api: Parameters<Parameters<typeof withApi>[3]>[0]['api'], flags: Flags): Promise<number> {
  const state = messageStates.find((known) => known === text(flags, 'state'));
  const limit = Math.min(1000, Math.max(1, Number(flags.limit)));
  const { items, cursor } = await got(
    cli,
    api.GET('/v1/notices', { params: { query: { limit, ...(state === undefined ? {} : { state }) } } }),
  );
  if (cursor !== undefined) cli.warn(`there are more messages than these ${items.length}: --limit shows more`);
  if (cli.json) await cli.document('NoticeList', items);
  else if (items.length === 0) cli.say(state === undefined ? 'no message yet' : `no message is ${state}`);
  else
    await cli.out(
      table(items.map((m) => [time(m.createdAt), m.state, m.channel, m.person ?? m.address ?? '', m.thread, m.template, m.reason ?? '']))
        .map((line) => `${line}\n`)
        .join(''),
    );
  return 0;
}
