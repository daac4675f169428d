// rekey playbook: what a trigger may start; sign it in advance, fire it.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { signApproval } from '../../approve/sign.ts';
import { Problem } from '../../domain/problem.ts';
import { parameterNames } from '../../domain/selector/bind.ts';
import { act, type Cli, common, examples, type Flags, text } from '../cli.ts';
import { got } from '../client.ts';
import { type Connection, sayContext, withApi } from '../connect.ts';
import { quiet } from '../quiet.ts';
import { table, time } from '../words.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey playbook show contain-user',
    'rekey playbook approve contain-user --as alice --key ~/.ssh/id_ed25519',
    "rekey playbook fire contain-user --identity eve@example.test --incident INC-42 --reason 'impossible travel'",
  ]);
  const show = common(quiet(command.command('show').summary('all playbooks, or one').argument('[playbook]'), cli));
  act(cli, show, ([id], flags) =>
    withApi(cli, flags, {}, async ({ api }) => {
      if (id === undefined) {
        const { items } = await got(cli, api.GET('/v1/playbooks'));
        if (cli.json) await cli.document('PlaybookList', items);
        else if (items.length === 0) cli.say('rekey.yaml has no playbooks\nnext: see docs/triggers.md');
        else
          await cli.out(
            table(items.map((p) => [p.id, p.mode, standing(p.preApproved), p.where]))
              .map((line) => `${line}\n`)
              .join(''),
          );
        return 0;
      }
      const playbook = await got(cli, api.GET('/v1/playbooks/{playbook}', { params: { path: { playbook: id } } }));
      if (cli.json) await cli.document('Playbook', playbook);
      else
        await cli.out(
          `${playbook.id} · ${playbook.mode} · ${standing(playbook.preApproved)}\nwhere ${playbook.where}\nat most ${playbook.cap.credentials} credentials, ${playbook.cap.systems} systems, ${playbook.cap.tier0} of tier 0\nhash ${playbook.hash}\n${signedBy(playbook.preApproved)}`,
        );
      return 0;
    }),
  );

  const approve = common(quiet(command.command('approve').summary('sign a playbook in advance').argument('<playbook>'), cli))
    .option('--as <name>', 'which approver of rekey.yaml signs')
    .option('--key <file>', 'SSH private key to sign with, here')
    .option('--signature <file>', 'a signature made with ssh-keygen -Y sign')
    .option('--message', 'print the exact text to sign and do nothing else');
  act(cli, approve, ([id = ''], flags) => withApi(cli, flags, {}, (connection) => sign(cli, connection, id, flags)));

  const fire = common(quiet(command.command('fire').summary('what a trigger does, by hand').argument('<playbook>'), cli))
    .option('--account <name>', 'bound to $account')
    .option('--system <id>', 'bound to $system')
    .option('--identity <name>', 'bound to $identity')
    .option('--incident <id>', 'ticket or incident number')
    .option('--reason <text>', 'why; stands in the evidence');
  act(cli, fire, ([id = ''], flags) => withApi(cli, flags, {}, (connection) => fireOne(cli, connection, id, flags)));
}

function signedBy(
  approved: {
    readonly given: readonly { readonly name: string; readonly method: string; readonly at: string }[];
    readonly may: readonly string[];
  } | null,
): string {
  if (approved === null) return '';
  const given = approved.given.map(({ name, method, at }) => `signed by ${name} (${method}) ${time(at)}\n`).join('');
  return `${given}${approved.may.length === 0 ? '' : `may sign: ${approved.may.join(', ')}\n`}`;
}

type Standing = { readonly given: readonly unknown[]; readonly needed: number; readonly until: string; readonly inForce: boolean } | null;

function standing(approved: Standing): string {
  if (approved === null) return 'every plan waits for approval';
  return approved.inForce
    ? `approved in advance until ${time(approved.until)}`
    : `${approved.given.length} of ${approved.needed} signatures, until ${time(approved.until)}`;
}

async function sign(cli: Cli, connection: Connection, id: string, flags: Flags): Promise<number> {
  const { api, about } = connection;
  const params = { path: { playbook: id } };
  const playbook = await got(cli, api.GET('/v1/playbooks/{playbook}', { params }));
  if (flags.message === true) {
    if (cli.json) await cli.document('Approvable', { id: `playbook/${id}`, hash: playbook.hash, message: playbook.message });
    else await cli.raw(playbook.message.replaceAll('\ufffd', '\n'));
    return 0;
  }
  const [key, file, approver] = [text(flags, 'key'), text(flags, 'signature'), text(flags, 'as')];
  if ((key === undefined) === (file === undefined) || approver === undefined)
    throw new Problem('usage', {
      message: 'an approval needs a name and a key, or a name and a signature',
      hint: `rekey playbook approve ${id} --as NAME --key FILE`,
    });
  sayContext(cli, connection);
  const content = await readFile(resolve(cli.terminal.cwd, key ?? file ?? ''), 'utf8').catch(() => {
    throw new Problem('not-found', { message: 'the file cannot be read', place: key ?? file ?? '', hint: 'name a file you may read' });
  });
  const signature =
    key === undefined ? content : signApproval({ id: `playbook/${id}`, hash: playbook.hash, estate: about.estate }, content, key);
  const after = await got(cli, api.POST('/v1/playbooks/{playbook}/approvals', { params, body: { approver, signature } }));
  if (cli.json) await cli.document('Playbook', after);
  else cli.say(`${id}: ${standing(after.preApproved)}`);
  return 0;
}

async function fireOne(cli: Cli, connection: Connection, id: string, flags: Flags): Promise<number> {
  const [incident, reason] = [text(flags, 'incident'), text(flags, 'reason')];
  if (incident === undefined || reason === undefined)
    throw new Problem('usage', {
      message: `--${incident === undefined ? 'incident' : 'reason'} is missing`,
      hint: `rekey playbook fire ${id} --incident INC-42 --reason TEXT`,
    });
  sayContext(cli, connection);
  const parameters = Object.fromEntries(
    parameterNames.flatMap((name) => (text(flags, name) === undefined ? [] : [[name, text(flags, name) ?? '']])),
  );
  const fired = await got(
    cli,
    connection.api.POST('/v1/triggers/{playbook}', { params: { path: { playbook: id } }, body: { parameters, incident, reason } }),
  );
  if (cli.json) await cli.document('Firing', fired);
  else await cli.out(`${fired.id} · ${fired.state}${fired.run === null ? ` · ${fired.plan}` : ` · ${fired.run}`}\n`);
  if (fired.run === null) cli.say(`${fired.why}\nnext: rekey approve ${fired.plan} --as NAME --key FILE`);
  else cli.say(`next: rekey run watch ${fired.run}`);
  return fired.run === null ? 5 : 0;
}
