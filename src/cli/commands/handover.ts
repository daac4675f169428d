// rekey handover: the new secrets of a run as one age file for named recipients. The file appears whole or not at all, readable by its owner only.
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { normalId } from '../../domain/id.ts';
import { Problem } from '../../domain/problem.ts';
import { act, type Cli, common, examples, text } from '../cli.ts';
import { streamed } from '../client.ts';
import { sayContext, withApi } from '../connect.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey handover --run R-7K3QX2MA --to age1... -o handover.age',
    "rekey handover --run R-7K3QX2MA --where 'system = orders-db' --to age1... age1... -o db.age",
    'age -d -i key.txt handover.age | jq -r .account',
  ]);
  common(command)
    .requiredOption('--run <run>', 'the run whose secrets are handed over')
    .option('--where <selector>', 'only these accounts')
    .requiredOption('--to <recipient...>', 'age recipients (age1...)')
    .requiredOption('-o, --output <file>', 'the file to write; must not exist');
  act(cli, command, (_, flags) =>
    withApi(cli, flags, {}, async (connection) => {
      sayContext(cli, connection);
      const named = text(flags, 'output') ?? '';
      const file = resolve(cli.terminal.cwd, named);
      const where = text(flags, 'where');
      const recipients = Array.isArray(flags.to) ? flags.to.map(String) : [];
      const answer = await streamed(connection.transport, {
        method: 'POST',
        path: '/v1/handovers',
        headers: { 'content-type': 'application/json', accept: 'application/octet-stream' },
        body: JSON.stringify({ run: normalId(text(flags, 'run') ?? ''), recipients, ...(where === undefined ? {} : { where }) }),
      });
      const part = `${file}.${randomUUID()}.part`;
      try {
        await pipeline(answer.body, createWriteStream(part, { flags: 'wx', mode: 0o600 }));
        await link(part, file); // fails when the file exists, which rename would not
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        throw new Problem('conflict', { place: named, message: 'this file exists and is left as it is', hint: '-o with a new name' });
      } finally {
        await rm(part, { force: true });
      }
      const id = answer.headers['x-rekey-handover'] ?? '';
      if (cli.json) await cli.document('Handover', { id, file, recipients });
      else await cli.out(`${named}\n`);
      cli.say(`hand-over ${id} written for ${recipients.length} recipient(s)\nnext: age -d -i KEY ${named}`);
      return 0;
    }),
  );
}
