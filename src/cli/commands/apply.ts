// rekey apply: runs exactly one plan, after the confirmation it asks for, and follows it to its end.
import type { Command } from 'commander';
import { Problem } from '../../domain/problem.ts';
import type { PlanView } from '../../domain/view.ts';
import { confirmPlan } from '../ask.ts';
import { act, type Cli, common, examples, text } from '../cli.ts';
import { got } from '../client.ts';
import { sayContext, withApi } from '../connect.ts';
import { follow } from '../follow.ts';
import { planNamed } from '../saved-plan.ts';
import { time } from '../words.ts';
import { display } from './plan.ts';

/** Before anything is asked of a person: a plan that would be refused anyway is refused now. The API checks both again. */
function assertReady(plan: PlanView): void {
  const { needed, given } = plan.approvals;
  if (Date.parse(plan.expiresAt) <= Date.now()) {
    throw new Problem('plan-stale', {
      message: `plan ${plan.id} expired ${time(plan.expiresAt)}`,
      hint: `make a new one: rekey plan --where '${plan.where}' --reason TEXT`,
    });
  }
  if (given.length < needed) {
    throw new Problem('approval-missing', {
      message: `plan ${plan.id} has ${given.length} of ${needed} approvals`,
      hint: `rekey approve ${plan.id} --as NAME --key FILE`,
    });
  }
}

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey apply P-7K3QX2MA',
    'rekey apply leak.json --yes --json',
    'rekey apply P-7K3QX2MA --confirm "evict-1121 18204" --detach',
  ]);
  common(command)
    .argument('<plan>', 'id, or the file that `rekey plan -o` wrote')
    .option('--yes', 'do not ask; not enough for tier 0 or more than 1,000 credentials')
    .option('--confirm <text>', 'the plan\'s name and number, "NAME N"')
    .option('--detach', 'start and return; a server or `rekey worker` does the work')
    .option('--accept-residual', 'exit 0 also when some old access ends by itself later');
  act(cli, command, ([named = ''], flags) =>
    withApi(cli, flags, { worker: flags.detach !== true }, async (connection) => {
      sayContext(cli, connection);
      const plan = await planNamed(cli, connection, named);
      if (plan.totals.rotate + plan.totals.contain === 0) {
        cli.say(`nothing to do: ${plan.id} resets and blocks no account\nnext: rekey plan show ${plan.id} says why each was left out`);
        if (cli.json) await cli.document('Plan', plan);
        return 0;
      }
      assertReady(plan);
      // The prompt goes to a person who must see what it is about; a script has seen it already.
      if (cli.interactive && flags.yes !== true && text(flags, 'confirm') === undefined) await display(cli, connection, plan, false);
      const confirm = await confirmPlan(cli, flags, plan);
      const run = await got(
        cli,
        connection.api.POST('/v1/runs', { body: { plan: plan.id, ...(confirm === undefined ? {} : { confirm }) } }),
      );
      if (flags.detach !== true) {
        cli.say(`run ${run.id} started`);
        return follow(cli, flags, connection, run.id);
      }
      if (cli.json) await cli.document('Run', run);
      else await cli.out(`${run.id}\n`);
      cli.say(
        `run ${run.id} started${connection.kind === 'here' ? '; this process does no work\nnext: rekey worker' : ''}\nnext: rekey run watch ${run.id}`,
      );
      return 0;
    }),
  );
}
