// rekey plan: makes an immutable plan, shows it, saves it. Making one changes nothing on any target.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Problem } from '../../domain/problem.ts';
import type { PlanItemView, PlanView } from '../../domain/view.ts';
import { allPages } from '../../http/pages.ts';
import { act, type Cli, common, examples, type Flags, text } from '../cli.ts';
import { got } from '../client.ts';
import { type Connection, sayContext, withApi } from '../connect.ts';
import { nextForPlan, planText } from '../plan-text.ts';
import { quiet } from '../quiet.ts';
import { planNamed } from '../saved-plan.ts';
import { jsonText } from '../terminal.ts';
import { number, table, time } from '../words.ts';
import { wholeNumber } from './account.ts';

/** Up to here every line of the plan is read to group it; beyond, the counts of the plan itself are shown. */
const listed = 5000;

export function define(command: Command, cli: Cli): void {
  examples(command, [
    "rekey plan --where 'exposed and tier <= 2' --reason 'leak of 21 Nov' --incident INC-42 -o leak.json",
    "rekey plan --where 'system = orders-db' --reason drill --detailed-exitcode",
    'rekey plan show P-7K3QX2MA --full',
  ]);
  common(command)
    .option('--where <selector>', 'which accounts; `all` must be said')
    .option('--reason <text>', 'why; stands in the evidence')
    .option('--incident <id>', 'ticket or incident number')
    .addOption(
      new Option('--mode <mode>', 'contain: block first, outage accepted; continuity: keep services running').choices([
        'contain',
        'continuity',
      ]),
    )
    .option('--name <name>', 'what people call this plan; asked for when it must be confirmed')
    .option('--rollback', 'put a failed consumer back while the old secret is still accepted')
    .option('--expires <hours>', 'hours until the plan may no longer be applied', hours)
    .option('-o, --output <file>', 'save the plan for `rekey apply FILE`')
    .option('--full', 'list every credential')
    .option('--detailed-exitcode', 'exit 20 when the plan changes something');
  act(cli, command, (_, flags) => withApi(cli, flags, {}, (connection) => make(cli, connection, flags)));

  const show = common(quiet(command.command('show').summary('one plan').argument('<plan>', 'id or file'), cli)).option(
    '--full',
    'list every credential',
  );
  act(cli, show, ([named = ''], flags) =>
    withApi(cli, flags, {}, async (connection) => {
      const plan = await planNamed(cli, connection, named);
      await display(cli, connection, plan, flags.full === true);
      return 0;
    }),
  );

  const ls = common(quiet(command.command('ls').summary('plans, newest first'), cli)).option(
    '--limit <n>',
    'at most this many',
    wholeNumber,
    20,
  );
  act(cli, ls, (_, flags) =>
    withApi(cli, flags, {}, async ({ api }) => {
      const { items, cursor } = await got(
        cli,
        api.GET('/v1/plans', { params: { query: { limit: Math.min(1000, Math.max(1, Number(flags.limit))) } } }),
      );
      if (cursor !== undefined) cli.warn(`there are more plans than these ${items.length}: --limit shows more`);
      if (cli.json) await cli.document('PlanList', items);
      else if (items.length === 0) cli.say("no plan yet\nnext: rekey plan --where 'exposed' --reason TEXT");
      else
        await cli.out(
          table(
            items.map((p) => [
              p.id,
              p.name,
              `${number(p.totals.rotate + p.totals.contain)} credentials`,
              `${p.approvals.given.length}/${p.approvals.needed} approvals`,
              time(p.createdAt),
              p.reason,
            ]),
          )
            .map((l) => `${l}\n`)
            .join(''),
        );
      return 0;
    }),
  );
}

async function make(cli: Cli, connection: Connection, flags: Flags): Promise<number> {
  const where = needed(flags, 'where', "--where 'exposed'");
  const reason = needed(flags, 'reason', '--reason TEXT');
  sayContext(cli, connection);
  const incident = text(flags, 'incident');
  const name = text(flags, 'name');
  const mode = text(flags, 'mode') as PlanView['mode'] | undefined; // one of the choices above
  const plan = await got(
    cli,
    connection.api.POST('/v1/plans', {
      body: {
        where,
        reason,
        ...(incident === undefined ? {} : { incident }),
        ...(name === undefined ? {} : { name }),
        ...(mode === undefined ? {} : { mode }),
        ...(flags.rollback === true ? { rollback: true } : {}),
        ...(flags.expires === undefined ? {} : { expiresInHours: Number(flags.expires) }),
      },
    }),
  );
  const file = text(flags, 'output');
  // The file holds the stored plan as it is, also when people are shown a cleaned one.
  if (file !== undefined) {
    const { data } = await connection.api.GET('/v1/plans/{id}', { params: { path: { id: plan.id } } });
    await writeFile(
      resolve(cli.terminal.cwd, file),
      `${jsonText({ apiVersion: 'rekey/v1', kind: 'Plan', data: data ?? plan, warnings: cli.warnings }, 2)}\n`,
    );
  }
  await display(cli, connection, plan, flags.full === true);
  if (file !== undefined) cli.say(`saved to ${file}`);
  return flags.detailedExitcode === true && plan.totals.rotate + plan.totals.contain > 0 ? 20 : 0;
}

export async function display(cli: Cli, { api }: Connection, plan: PlanView, full: boolean): Promise<void> {
  if (cli.json) {
    await cli.document('Plan', plan);
    return;
  }
  let items: PlanItemView[] | undefined;
  if (full || plan.totals.selected <= listed) {
    items = [];
    const rows = allPages((cursor) =>
      got(
        cli,
        api.GET('/v1/plans/{id}/items', {
          params: { path: { id: plan.id }, query: { limit: 1000, ...(cursor === undefined ? {} : { cursor }) } },
        }),
      ),
    );
    for await (const item of rows) items.push(item);
  }
  await cli.out(planText(plan, items, cli.colors(cli.terminal.stdout), full));
  cli.say(`next: ${nextForPlan(plan)}`);
}

function needed(flags: Flags, name: string, example: string): string {
  const value = text(flags, name);
  if (value === undefined) throw new Problem('usage', { message: `--${name} is missing`, hint: example });
  return value;
}

function hours(value: string): number {
  const n = Number(value);
  if (!(n > 0 && n <= 8760)) throw new InvalidArgumentError('expected hours between 0 and 8760.');
  return n;
}
