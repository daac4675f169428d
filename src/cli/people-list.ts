// rekey run people: every person of a run, or one, as text or NDJSON that ends in a result line.
import { normalId } from '../domain/id.ts';
import { Problem } from '../domain/problem.ts';
import { allPages } from '../http/pages.ts';
import { type Cli, type Flags, text } from './cli.ts';
import { got } from './client.ts';
import type { Connection } from './connect.ts';
import { personText } from './person-text.ts';
import { counted, number } from './words.ts';

export async function listPeople(cli: Cli, { api }: Connection, typed: string, flags: Flags): Promise<number> {
  const id = normalId(typed);
  const person = text(flags, 'person');
  let count = 0;
  let notDone = 0;
  const pages = allPages((cursor) => {
    const query = { limit: 1000, ...(person === undefined ? {} : { person }), ...(cursor === undefined ? {} : { cursor }) };
    return got(cli, api.GET('/v1/runs/{id}/people', { params: { path: { id }, query } }));
  });
  for await (const each of pages) {
    count += 1;
    if (!each.done) notDone += 1;
    if (each.done && flags.notDone === true) continue;
    if (cli.json) await cli.line(each);
    else await cli.out(personText(each, cli.colors(cli.terminal.stdout)));
  }
  if (person !== undefined && count === 0)
    throw new Problem('not-found', {
      message: `${id} has no account of ${JSON.stringify(person.slice(0, 120))}`,
      hint: 'rekey account ls --where "person = NAME" shows whose accounts are known',
    });
  if (cli.json) await cli.line({ type: 'result', count, notDone, warnings: cli.warnings });
  else if (count === 0)
    cli.say('no account of this run belongs to a known person\nnext: people: in rekey.yaml, or rekey import people FILE');
  else cli.say(`${number(count - notDone)} of ${counted(count, 'person', 'people')} done`);
  return 0;
}
