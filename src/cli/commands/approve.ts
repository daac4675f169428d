// rekey approve: signs on this machine, so that the key never leaves it, or sends a signature made elsewhere.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { signApproval } from '../../approve/sign.ts';
import { normalId } from '../../domain/id.ts';
import { Problem } from '../../domain/problem.ts';
import { act, type Cli, common, examples, type Flags, text } from '../cli.ts';
import { got } from '../client.ts';
import { type Connection, sayContext, withApi } from '../connect.ts';
import { planNamed } from '../saved-plan.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey approve P-7K3QX2MA --as alice --key ~/.ssh/id_ed25519',
    'rekey approve P-7K3QX2MA --message > msg && ssh-keygen -Y sign -n rekey-approval -f KEY msg',
    'rekey approve P-7K3QX2MA --as alice --signature msg.sig',
  ]);
  defineGive(command, cli);
}

/** `rekey approve` and `rekey approval give` are one. */
export function defineGive(command: Command, cli: Cli): void {
  common(command)
    .argument('<plan>', 'id or file of a plan, or the id of a hand-over')
    .option('--as <name>', 'which approver of rekey.yaml signs')
    .option('--key <file>', 'SSH private key to sign with, here')
    .option('--signature <file>', 'a signature made with ssh-keygen -Y sign')
    .option('--message', 'print the exact text to sign and do nothing else');
  act(cli, command, ([named = ''], flags) => withApi(cli, flags, {}, (connection) => approve(cli, connection, named, flags)));
}

async function approve(cli: Cli, connection: Connection, named: string, flags: Flags): Promise<number> {
  const { api, about } = connection;
  // A hand-over has no plan document: its id is taken as it is.
  const id = /^h-/i.test(named) ? normalId(named) : (await planNamed(cli, connection, named)).id;
  const subject = await got(cli, api.GET('/v1/approvals/{id}', { params: { path: { id } } }));
  if (flags.message === true) {
    if (cli.json) await cli.document('Approvable', subject);
    else await cli.raw(subject.message.replaceAll('\ufffd', '\n'));
    return 0;
  }
  const key = text(flags, 'key');
  const file = text(flags, 'signature');
  const approver = text(flags, 'as');
  if ((key === undefined) === (file === undefined) || approver === undefined) {
    throw new Problem('usage', {
      message:
        key !== undefined && file !== undefined
          ? '--key and --signature contradict each other'
          : 'an approval needs a name and a key, or a name and a signature',
      hint: `rekey approve ${id} --as NAME --key FILE, or --as NAME --signature FILE`,
    });
  }
  sayContext(cli, connection);
  const signature =
    key === undefined
      ? await read(cli, file ?? '')
      : signApproval({ id: subject.id, hash: subject.hash, estate: about.estate }, await read(cli, key), key);
  const result = await got(cli, api.POST('/v1/approvals/{id}', { params: { path: { id } }, body: { approver, signature } }));
  if (cli.json)
    await cli.document(
      'Approval',
      'approvals' in result
        ? { id: result.id, given: result.approvals.given.length, needed: result.approvals.needed, by: result.approvals.given }
        : result,
    );
  const [given, needed] = 'approvals' in result ? [result.approvals.given.length, result.approvals.needed] : [result.given, result.needed];
  const then =
    given < needed
      ? `rekey approve ${id} --as NAME --key FILE (another approver)`
      : id.startsWith('H-')
        ? 'rekey handover again, with the same arguments'
        : `rekey apply ${id}`;
  cli.say(`${id}: ${given} of ${needed} approvals\nnext: ${then}`);
  return 0;
}

async function read(cli: Cli, file: string): Promise<string> {
  try {
    return await readFile(resolve(cli.terminal.cwd, file), 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new Problem(code === 'ENOENT' ? 'not-found' : 'usage', {
      place: file,
      message: `the file cannot be read (${code})`,
      hint: 'name a file you may read',
    });
  }
}
