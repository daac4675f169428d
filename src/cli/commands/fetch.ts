// rekey fetch: a job or a service gets its own current credential from the server, with the token of its own identity. A file appears whole, for its owner only.
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { Problem } from '../../domain/problem.ts';
import { act, type Cli, common, examples, type Flags, text } from '../cli.ts';
import { streamed, textOf } from '../client.ts';
import { systemAndAccount } from '../system-account.ts';
import { urlTransport } from '../transport.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey fetch orders-db/app --token-file /var/run/secrets/tokens/rekey -o /run/orders/password',
    'rekey fetch orders-db/app --token-file "$TOKEN_FILE" --known 3 -o password',
    'rekey fetch orders-db/app --token-file token.jwt --json --reveal | jq -r .data.secret',
  ]);
  common(command)
    .argument('<system/account>')
    .requiredOption('--token-file <file>', "the workload's own OpenID token; - reads it from stdin")
    .option('--known <version>', 'the version you have: nothing is fetched while it is the current one', version)
    .option('-o, --output <file>', 'write the secret there (mode 0600, replaced whole) instead of to stdout')
    .option('--reveal', 'with --json: print the secret');
  act(cli, command, async ([name = ''], flags) => {
    if (cli.json && flags.reveal !== true && text(flags, 'output') === undefined)
      throw new Problem('confirmation-needed', {
        message: 'the secret would stand in the JSON',
        hint: `rekey fetch ${name} --token-file FILE --json --reveal, or -o FILE`,
      });
    const { secret, version: got } = await fetched(cli, name, flags);
    const named = text(flags, 'output');
    if (secret !== null && named !== undefined) await replace(resolve(cli.terminal.cwd, named), secret);
    if (cli.json)
      await cli.document('WorkloadCredential', {
        version: got,
        changed: secret !== null,
        ...(flags.reveal === true && secret !== null ? { secret } : {}),
      });
    else if (secret !== null && named === undefined) await cli.raw(`${secret}\n`);
    cli.say(secret === null ? `${name} is at version ${got} still` : `${name} version ${got}${named === undefined ? '' : ` → ${named}`}`);
    return 0;
  });
}

type Credential = { readonly secret: string | null; readonly version: number };

/** Straight to the server: whoever fetches for a workload has no estate folder and no member's token. */
async function fetched(cli: Cli, name: string, flags: Flags): Promise<Credential> {
  const server = text(flags, 'context') ?? cli.terminal.env.REKEY_URL;
  if (server === undefined || server === '')
    throw new Problem('usage', {
      message: 'a workload fetches from a server, and none is named',
      hint: 'set REKEY_URL, or add --context https://…',
    });
  const { system, account } = systemAndAccount(name);
  const answer = await streamed(urlTransport(server), {
    method: 'POST',
    path: '/v1/workload/credential',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, application/problem+json',
      authorization: `Bearer ${await token(cli, text(flags, 'tokenFile') ?? '')}`,
    },
    body: JSON.stringify({ system, account, ...(typeof flags.known === 'number' ? { known: flags.known } : {}) }),
  });
  return JSON.parse(await textOf(answer.body)) as Credential; // the API's own schema made it
}

async function token(cli: Cli, file: string): Promise<string> {
  const typed = file === '-' ? await textOf(cli.terminal.stdin as import('node:stream').Readable) : await read(cli, file);
  const found = typed.trim();
  if (/^\S+$/.test(found)) return found;
  throw new Problem('usage', { message: 'there is no token in it', place: '--token-file', hint: 'one signed token, and nothing else' });
}

async function read(cli: Cli, file: string): Promise<string> {
  try {
    return await readFile(resolve(cli.terminal.cwd, file), 'utf8');
  } catch (error) {
    throw new Problem('usage', {
      message: `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
      place: '--token-file',
      hint: 'name the file in which the platform puts the token',
    });
  }
}

/** A reader of the file finds the old value or the new one, never half of it. */
async function replace(file: string, secret: string): Promise<void> {
  const part = `${file}.${randomUUID()}.part`;
  try {
    await writeFile(part, secret, { flag: 'wx', mode: 0o600 });
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}

function version(typed: string): number {
  const n = Number(typed);
  if (Number.isInteger(n) && n >= 1 && n < 2 ** 31) return n;
  throw new InvalidArgumentError('expected the number of a version');
}
