// rekey discover: reads accounts and credentials into the inventory. One system that fails does not stop the others, and is not hidden by them.
import type { Command } from 'commander';
import type { DiscoverStep } from '../../http/services.ts';
import { act, type Cli, common, examples, text } from '../cli.ts';
import { rowsOf, streamed } from '../client.ts';
import { sayContext, withApi } from '../connect.ts';
import { counted } from '../words.ts';

/** Not every page of a large directory is worth a line. */
const lineEvery = 2000;

export function define(command: Command, cli: Cli): void {
  examples(command, ['rekey discover', 'rekey discover --system corp-ldap', 'rekey discover --json']);
  common(command).option('--system <id>', 'one system');
  act(cli, command, (_, flags) =>
    withApi(cli, flags, {}, async (connection) => {
      sayContext(cli, connection);
      const system = text(flags, 'system');
      const answer = await streamed(connection.transport, {
        method: 'POST',
        path: `/v1/discover${system === undefined ? '' : `?${new URLSearchParams({ system })}`}`,
        headers: { accept: 'application/x-ndjson' },
      });
      const latest = new Map<string, DiscoverStep>();
      let saidAt = 0;
      for await (const step of rowsOf<DiscoverStep>(cli, answer)) {
        latest.set(step.system, step);
        // The end of each system stands on stdout; here only what is said before it, and what went wrong.
        if (step.problem === undefined && (step.done || Date.now() - saidAt < lineEvery)) continue;
        saidAt = Date.now();
        cli.say(
          step.problem === undefined
            ? `${step.system}: ${counted(step.found, 'account')} so far`
            : `${step.system} FAILED: ${step.problem}`,
        );
      }
      const systems = [...latest.values()];
      const failed = systems.filter((step) => step.problem !== undefined);
      if (cli.json) await cli.document('Discovery', { systems });
      else
        await cli.out(
          systems.map((s) => `${s.system} ${s.found} found ${s.gone} gone${s.problem === undefined ? '' : ' failed'}\n`).join(''),
        );
      cli.say(
        failed.length > 0
          ? `next: rekey doctor --system ${failed[0]?.system}`
          : 'next: rekey import owners FILE, or rekey account ls --where all',
      );
      return failed.length > 0 ? 1 : 0;
    }),
  );
}
