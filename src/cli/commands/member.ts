// rekey member: who may sign in, and what they hold.
import type { Command } from 'commander';
import { type Role, roles } from '../../access/rights.ts';
import { Problem } from '../../domain/problem.ts';
import { act, type Cli, common, examples, type Flags, text } from '../cli.ts';
import { type Api, got } from '../client.ts';
import { sayContext, withApi } from '../connect.ts';
import { quiet } from '../quiet.ts';
import { tableText, time } from '../words.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey member ls',
    'rekey member invite "Otto Berg" --email otto@example.test --roles operator',
    'rekey member roles M-7K3QX2MA --roles approver owner',
  ]);
  act(cli, common(quiet(command.command('ls').summary('people and programs that may sign in'), cli)), (_, flags) =>
    withApi(cli, flags, {}, async ({ api }) => {
      const members = await allMembers(cli, api);
      if (cli.json) await cli.document('MemberList', members);
      else
        await cli.out(
          tableText([
            ['ID', 'NAME', 'ROLES', 'STATE', 'LAST SEEN'],
            ...members.map((m) => [
              m.id,
              m.name,
              m.roles.join(' ') || '-',
              m.disabled ? 'disabled' : 'active',
              m.seenAt === null ? '-' : time(m.seenAt),
            ]),
          ]),
        );
      return 0;
    }),
  );

  for (const [verb, summary] of [
    ['invite', 'a one-time code that lets one person in with a passkey'],
    ['add', 'a member who signs in at the OpenID provider, or a program that only holds tokens'],
  ] as const) {
    const each = common(quiet(command.command(verb).summary(summary).argument('<name>', 'as it will stand in plans and logs'), cli))
      .option('--email <address>', 'e-mail address')
      .option('--identity <name>', 'as the inventory names them; otherwise the e-mail address')
      .requiredOption('--roles <role...>', roles.join(', '));
    act(cli, each, ([name = ''], flags) =>
      withApi(cli, flags, {}, async (connection) => {
        sayContext(cli, connection);
        const [email, identity] = [text(flags, 'email'), text(flags, 'identity')];
        const body = {
          name,
          roles: rolesIn(flags),
          ...(email === undefined ? {} : { email }),
          ...(identity === undefined ? {} : { identity }),
        };
        if (verb === 'add') {
          const member = await got(cli, connection.api.POST('/v1/members', { body }));
          if (cli.json) await cli.document('Member', member);
          else await cli.out(`${member.id}\n`);
          return 0;
        }
        const invitation = await got(cli, connection.api.POST('/v1/invitations', { body }));
        if (cli.json) await cli.document('Invitation', invitation);
        else await cli.out(`${invitation.url}\n`);
        cli.say(`good once, until ${time(invitation.expiresAt)}: give it to ${name} in person or by phone, not by mail`);
        return 0;
      }),
    );
  }

  act(cli, common(quiet(command.command('invitations').summary('invitations that still let somebody in'), cli)), (_, flags) =>
    withApi(cli, flags, {}, async ({ api }) => {
      const { items } = await got(cli, api.GET('/v1/invitations', {}));
      if (cli.json) await cli.document('InvitationList', items);
      else
        await cli.out(
          tableText([
            ['ID', 'NAME', 'ROLES', 'BACK AS', 'BY', 'UNTIL'],
            ...items.map((i) => [i.id, i.name, i.roles.join(' ') || '-', i.member ?? '-', i.createdBy, time(i.expiresAt)]),
          ]),
        );
      return 0;
    }),
  );
  act(cli, common(quiet(command.command('uninvite').summary('take an invitation back').argument('<id>', 'I-…'), cli)), ([id = ''], flags) =>
    withApi(cli, flags, {}, async (connection) => {
      sayContext(cli, connection);
      await got(cli, connection.api.POST('/v1/invitations/{id}/revoke', { params: { path: { id } } }));
      if (cli.json) await cli.document('Invitation', { id, revoked: true });
      else await cli.out(`${id} revoked\n`);
      return 0;
    }),
  );
  const back = common(
    quiet(command.command('invite-back').summary('a one-time code for a member who lost the passkey').argument('<id>', 'M-…'), cli),
  ).option('--keep-passkeys', 'the device is only out of reach: what they have stays good');
  act(cli, back, ([id = ''], flags) =>
    withApi(cli, flags, {}, async (connection) => {
      sayContext(cli, connection);
      const body = { keepPasskeys: flags.keepPasskeys === true };
      const made = await got(cli, connection.api.POST('/v1/members/{id}/invitation', { params: { path: { id } }, body }));
      if (cli.json) await cli.document('Invitation', made);
      else await cli.out(`${made.url}\n`);
      cli.say(`their sessions have ended; good once, until ${time(made.expiresAt)}: hand it over in person or by phone, not by mail`);
      return 0;
    }),
  );

  const change = common(
    quiet(command.command('roles').summary('what a member holds from now on; replaces what they held').argument('<id>', 'M-…'), cli),
  ).requiredOption('--roles <role...>', `${roles.join(', ')}; none: no role at all`);
  act(cli, change, ([id = ''], flags) => changed(cli, flags, id, { roles: rolesIn(flags) }));
  act(
    cli,
    common(quiet(command.command('disable').summary('ends their sessions and tokens at once').argument('<id>', 'M-…'), cli)),
    ([id = ''], flags) => changed(cli, flags, id, { disabled: true }),
  );
}

function changed(cli: Cli, flags: Flags, id: string, body: { roles?: Role[]; disabled?: boolean }): Promise<number> {
  return withApi(cli, flags, {}, async (connection) => {
    sayContext(cli, connection);
    const member = await got(cli, connection.api.POST('/v1/members/{id}', { params: { path: { id } }, body }));
    if (cli.json) await cli.document('Member', member);
    else await cli.out(`${member.id} ${member.name}: ${member.disabled ? 'disabled' : member.roles.join(' ') || 'no role'}\n`);
    return 0;
  });
}

async function allMembers(cli: Cli, api: Api) {
  const page = async (cursor?: string) =>
    got(cli, api.GET('/v1/members', { params: { query: { limit: 1000, ...(cursor === undefined ? {} : { cursor }) } } }));
  const first = await page();
  const members = [...first.items];
  for (let { cursor } = first; cursor !== undefined; ) {
    const next = await page(cursor);
    members.push(...next.items);
    cursor = next.cursor;
  }
  return members;
}

function rolesIn(flags: Flags): Role[] {
  const given = Array.isArray(flags.roles) ? flags.roles.map(String) : [];
  if (given.length === 1 && given[0] === 'none') return [];
  return given.map((name) => {
    const role = roles.find((each) => each === name);
    if (role === undefined) throw new Problem('usage', { place: '--roles', message: `there is no role ${name}`, hint: roles.join(', ') });
    return role;
  });
}
