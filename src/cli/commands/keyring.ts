// rekey keyring: turn it after somebody who could read it has gone, wrap again after the environment's key changed, take an old key away.
import type { Command } from 'commander';
import { act, type Cli, common, examples, type Flags } from '../cli.ts';
import { got } from '../client.ts';
import { sayContext, withApi } from '../connect.ts';
import { counted } from '../words.ts';

type Change = { readonly turn: boolean; readonly remove?: string };

export function define(command: Command, cli: Cli): void {
  examples(command, ['rekey keyring turn', 'rekey keyring rewrap', 'rekey keyring rm k1']);
  act(cli, common(command.command('turn').description('a new current key; every data key is wrapped anew')), (_, flags) =>
    change(cli, flags, { turn: true }),
  );
  act(
    cli,
    common(command.command('rewrap').description('wrap every data key under the current key; goes on where it stopped')),
    (_, flags) => change(cli, flags, { turn: false }),
  );
  act(cli, common(command.command('rm').description('take an old key away once nothing needs it').argument('<key>')), ([key = ''], flags) =>
    change(cli, flags, { turn: false, remove: key }),
  );
}

function change(cli: Cli, flags: Flags, body: Change): Promise<number> {
  return withApi(cli, flags, {}, async (connection) => {
    sayContext(cli, connection);
    const keyring = await got(cli, connection.api.POST('/v1/keyring', { body }));
    if (cli.json) await cli.document('Keyring', keyring);
    else
      await cli.out(
        `current ${keyring.current} · keys ${keyring.keys.join(', ')} · ${counted(keyring.rewrapped, 'data key', 'data keys')} wrapped anew\n`,
      );
    const [old] = keyring.keys.filter((key) => key !== keyring.current);
    cli.say(
      old === undefined
        ? 'next: copy the keyring again to where you keep it apart from the store, and restart other rekey processes of this estate'
        : `next: copy the keyring again, restart other rekey processes of this estate, then rekey keyring rm ${old}`,
    );
    return 0;
  });
}
