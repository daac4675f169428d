// rekey import: a CSV goes to the API as a stream; every bad row is reported with its place, and nothing is imported unless --partial.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Problem } from '../../domain/problem.ts';
import type { ImportReport } from '../../domain/view.ts';
import { act, type Cli, common, examples, type Flags } from '../cli.ts';
import { streamed, textOf } from '../client.ts';
import { type Connection, sayContext, withApi } from '../connect.ts';
import { quiet } from '../quiet.ts';
import { cleanAll } from '../terminal.ts';
import { counted, number } from '../words.ts';

const columns = {
  owners: 'system,account,identity,kind,owner,manager,tier,tags',
  consumers: 'system,account,consumer,store,ref,owner,reload,health',
  exposed: 'system,account[,secret]',
  people: 'person,system,account',
} as const;

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey import owners owners.csv',
    'rekey import consumers consumers.csv --partial',
    'gpg -d leak.csv.gpg | rekey import exposed -',
  ]);
  for (const kind of ['owners', 'consumers', 'exposed', 'people'] as const) {
    const own = common(
      quiet(command.command(kind).summary(columns[kind]).description(`Imports a CSV with the header ${columns[kind]}.`), cli),
    )
      .argument('<file>', 'a CSV file, or - for standard input')
      .option('--partial', 'import the good rows, report the bad ones (exit 7)');
    act(cli, own, ([file = ''], flags) => withApi(cli, flags, {}, (connection) => upload(cli, connection, kind, file, flags)));
  }
}

async function upload(cli: Cli, connection: Connection, kind: keyof typeof columns, file: string, flags: Flags): Promise<number> {
  sayContext(cli, connection);
  const csv = file === '-' ? cli.terminal.stdin : createReadStream(resolve(cli.terminal.cwd, await readable(cli, file)));
  const query = new URLSearchParams({ partial: String(flags.partial === true), file: file === '-' ? 'stdin' : file });
  const answer = await streamed(connection.transport, {
    method: 'POST',
    path: `/v1/imports/${kind}?${query}`,
    headers: { 'content-type': 'text/csv', accept: 'application/json' },
    body: csv,
  });
  const parsed = JSON.parse(await textOf(answer.body)) as ImportReport; // the route's own schema made it
  const report = cli.json ? parsed : cleanAll(parsed);
  if (cli.json) await cli.document('Import', report);
  else await cli.out(`${number(report.imported)} of ${counted(report.rows, 'row')} imported\n`);
  for (const { place, message, hint } of report.problems.slice(0, 50)) cli.say(`${place}: ${message} (${hint})`);
  if (report.problems.length > 50) cli.say(`and ${number(report.problems.length - 50)} more: --json shows all`);
  cli.say(
    `next: ${report.problems.length > 0 ? `correct these rows and run the command again` : kind === 'exposed' ? "rekey plan --where 'exposed' --reason TEXT" : 'rekey account ls --where all'}`,
  );
  return report.problems.length > 0 ? 7 : 0;
}

/** Opened once before the estate hears of it: a wrong name is told here, by its name. */
async function readable(cli: Cli, file: string): Promise<string> {
  const path = resolve(cli.terminal.cwd, file);
  try {
    const handle = await open(path);
    const isFile = (await handle.stat()).isDirectory() === false;
    await handle.close();
    if (isFile) return path;
    throw new Problem('usage', { place: file, message: 'this is a folder', hint: 'give a CSV file' });
  } catch (error) {
    if (error instanceof Problem) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new Problem(code === 'ENOENT' ? 'not-found' : 'usage', {
      place: file,
      message: code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code})`,
      hint: 'give a CSV file, or - for standard input',
    });
  }
}
