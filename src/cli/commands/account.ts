// rekey account ls|show|claims|reopen: the inventory, for people, as one JSON document, or as CSV.
import { type Command, InvalidArgumentError } from 'commander';
import { accountCsvHead, accountCsvLine } from '../../domain/account-csv.ts';
import { Problem } from '../../domain/problem.ts';
import type { AccountView } from '../../domain/view.ts';
import { defineClaims } from '../account-claims.ts';
import { accountText } from '../account-text.ts';
import { act, type Cli, common, examples, type Flags, text } from '../cli.ts';
import { got } from '../client.ts';
import { type Connection, withApi } from '../connect.ts';
import { quiet } from '../quiet.ts';
import { systemAndAccount } from '../system-account.ts';
import { age, table } from '../words.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    "rekey account ls --where 'system = corp-ldap and tier <= 1'",
    'rekey account ls --where all --limit 0 --csv > accounts.csv',
    'rekey account show corp-ldap/uid=svc-orders,ou=services',
  ]);
  const ls = common(quiet(command.command('ls').summary('accounts that a selector names').description('Lists accounts.'), cli))
    .requiredOption('--where <selector>', 'which accounts; `all` must be said')
    .option('--limit <n>', 'at most this many; 0 for all of them', wholeNumber, 100)
    .option('--csv', 'CSV on stdout');
  act(cli, ls, (_, flags) => withApi(cli, flags, {}, (connection) => list(cli, connection, flags)));

  const show = common(
    quiet(command.command('show').summary('one account').description('Shows one account.').argument('<system/account>'), cli),
  );
  act(cli, show, ([name = ''], flags) =>
    withApi(cli, flags, {}, async ({ api }) => {
      const account = await got(cli, api.GET('/v1/accounts/{system}/{account}', { params: { path: systemAndAccount(name) } }));
      if (cli.json) await cli.document('Account', account);
      else await cli.out(accountText(account, Date.now()));
      return 0;
    }),
  );
  defineClaims(command, cli);
}

async function list(cli: Cli, connection: Connection, flags: Flags): Promise<number> {
  const where = text(flags, 'where') ?? '';
  const limit = Number(flags.limit) === 0 ? Number.POSITIVE_INFINITY : Number(flags.limit);
  if (flags.csv === true && cli.json)
    throw new Problem('usage', { message: '--csv and --json contradict each other', hint: 'give one of them' });
  if (flags.csv === true) await cli.raw(accountCsvHead);
  const held: AccountView[] = [];
  let shown = 0;
  let more = false;
  for await (const page of pages(cli, connection, where, limit)) {
    shown += page.items.length;
    more = page.more;
    if (flags.csv === true) for (const account of page.items) await cli.raw(accountCsvLine(account));
    else if (cli.json) held.push(...page.items);
    else await cli.out(rows(page.items));
  }
  if (more) cli.warn(`there are more accounts than these ${shown}: --limit 0 shows all`);
  if (cli.json) await cli.document('AccountList', held);
  else if (shown === 0) cli.say(`no account matches: ${where}\nnext: rekey discover, or another --where`);
  return 0;
}

/** A page at a time, so that a million rows pass in flat memory. */
async function* pages(
  cli: Cli,
  { api }: Connection,
  where: string,
  limit: number,
): AsyncGenerator<{ items: AccountView[]; more: boolean }> {
  let left = limit;
  for (let cursor: string | undefined; left > 0; ) {
    const query = { where, limit: Math.min(left, 1000), ...(cursor === undefined ? {} : { cursor }) };
    const page = await got(cli, api.GET('/v1/accounts', { params: { query } }));
    left -= page.items.length;
    yield { items: page.items, more: page.cursor !== undefined };
    cursor = page.cursor;
    if (cursor === undefined) return;
  }
}

function rows(accounts: readonly AccountView[]): string {
  const now = Date.now();
  const cells = accounts.map((a) => [
    `${a.system}/${a.account}`,
    a.kind,
    `tier ${a.tier}`,
    a.owner ?? 'no owner',
    `age ${age(a.lastChangedAt, now)}`,
    [
      a.exposed ? 'exposed' : '',
      a.privileged ? 'privileged' : '',
      a.enabled ? '' : 'disabled',
      a.consumers.length > 0 ? `↻ ${a.consumers.length}` : '',
      a.blockers.length > 0 ? `! ${a.blockers.join(', ')}` : '',
    ]
      .filter((part) => part !== '')
      .join('  '),
  ]);
  return table(cells)
    .map((line) => `${line}\n`)
    .join('');
}

export function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('expected a whole number.');
  return Number(value);
}
