// rekey prove: re-proves what can be, then writes the evidence bundle into a folder of its own, complete or not at all.
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { normalId } from '../../domain/id.ts';
import { Problem } from '../../domain/problem.ts';
import { act, type Cli, common, examples, type Flags, text } from '../cli.ts';
import { got, streamed } from '../client.ts';
import { type Connection, sayContext, withApi } from '../connect.ts';
import { exitOf } from '../run-text.ts';
import { counted, tally } from '../words.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, ['rekey prove R-7K3QX2MA -o evidence', 'rekey prove R-7K3QX2MA --json', 'rekey evidence verify evidence']);
  common(command)
    .argument('<run>')
    .option('-o, --output <dir>', 'folder for the bundle; must be new or empty')
    .option('--accept-residual', 'exit 0 also when some old access ends by itself later');
  act(cli, command, ([id = ''], flags) =>
    withApi(cli, flags, { worker: true }, (connection) => prove(cli, connection, normalId(id), flags)),
  );
}

async function prove(cli: Cli, connection: Connection, id: string, flags: Flags): Promise<number> {
  sayContext(cli, connection);
  const named = text(flags, 'output');
  const folder = named === undefined ? undefined : await emptyFolder(resolve(cli.terminal.cwd, named), named);
  const { run, size, files } = await got(cli, connection.api.POST('/v1/runs/{id}/proof', { params: { path: { id } } }));
  if (folder !== undefined) await download(connection, id, files, folder);
  if (cli.json) await cli.document('Proof', { run, size, files, folder: folder ?? null });
  else {
    const { cells } = run;
    await cli.out(
      `${id} ${run.state} · ${counted(size, 'entry', 'entries')} · cells: ${tally({ proved: cells.proved, inferred: cells.inferred, residual: cells.residual, 'not proved': cells.notProved, excepted: cells.excepted })}\n`,
    );
  }
  cli.say(
    folder === undefined ? `next: rekey prove ${id} -o DIR writes the bundle` : `bundle in ${named}\nnext: rekey evidence verify ${named}`,
  );
  return exitOf(run, flags.acceptResidual === true);
}

async function emptyFolder(folder: string, named: string): Promise<string> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new Problem('usage', {
      place: named,
      message: `the bundle cannot be written there (${error.code})`,
      hint: '-o with a new folder',
    });
  });
  if (entries.length > 0)
    throw new Problem('conflict', {
      place: named,
      message: 'this folder is not empty; a bundle never mixes with other files',
      hint: '-o with a new folder',
    });
  return folder;
}

/** Written beside its place and moved there whole: a broken download never looks like a bundle. */
async function download({ transport }: Connection, id: string, files: readonly string[], folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const part = await mkdtemp(`${folder}.part-`);
  try {
    for (const file of files) {
      const answer = await streamed(transport, {
        method: 'GET',
        path: `/v1/runs/${encodeURIComponent(id)}/bundle/${encodeURIComponent(file)}`,
      });
      const target = resolve(part, file);
      if (!target.startsWith(`${part}/`))
        throw new Problem('internal', { message: `the server named a file outside of the bundle: ${file}` });
      await mkdir(dirname(target), { recursive: true });
      await pipeline(answer.body, createWriteStream(target));
    }
    await rm(folder, { recursive: true, force: true }); // empty, as checked
    await rename(part, folder);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  }
}
