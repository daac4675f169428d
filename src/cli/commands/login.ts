// rekey login: keeps a token for one server in a file of this user. The token comes from standard input or the terminal, never from a flag.
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { Problem } from '../../domain/problem.ts';
import { ask } from '../ask.ts';
import { act, type Cli, common, examples, text } from '../cli.ts';
import { apiOver, got } from '../client.ts';
import { keepToken } from '../token-file.ts';
import { urlTransport } from '../transport.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey login --context https://rekey.example.test',
    'rekey login --context https://rekey.example.test < token.txt',
    'REKEY_TOKEN=$(cat token.txt) rekey run ls --context https://rekey.example.test',
  ]);
  act(cli, common(command), async (_, flags) => {
    const server = text(flags, 'context') ?? cli.terminal.env.REKEY_URL;
    if (!server) throw new Problem('usage', { place: '--context', message: 'which server?', hint: '--context https://rekey.example.test' });
    const token = await tokenFrom(cli);
    // Shown to the server before it is kept: a wrong one is said now, not at the first command.
    const session = await got(cli, apiOver(urlTransport(server, token)).GET('/v1/session'));
    const file = await keepToken(server, token, cli.terminal.env);
    if (cli.json) await cli.document('Login', { estate: session.estate, member: session.member, file });
    cli.say(`signed in to ${session.estate} as ${session.member?.name ?? 'nobody'}; the token is in ${file}, for you alone to read`);
    return 0;
  });
}

async function tokenFrom(cli: Cli): Promise<string> {
  if (cli.interactive) {
    const typed = await ask(cli, 'Token (made in the console under Settings, Tokens): ');
    if (typed !== null && typed.trim() !== '') return typed.trim();
    throw new Problem('declined', { message: 'nothing was changed', hint: 'run the command again with a token' });
  }
  for await (const line of createInterface({ input: cli.terminal.stdin })) if (line.trim() !== '') return line.trim();
  throw new Problem('usage', { message: 'no token came in', hint: 'rekey login --context URL < token.txt' });
}
