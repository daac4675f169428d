// The store itself: one row locked, changed and read back in one transaction; what a trigger makes of the value is seen before it is kept.
import { type Capabilities, done, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import type { Config } from './config.ts';
import { copyIn } from './copy-in.ts';
import { identifier, rowCondition, tableName } from './quote.ts';
import { type Place, placeOf } from './reference.ts';
import { notify } from './reload.ts';
import type { Session, Sessions } from './session.ts';

type Value = { readonly value: string | null };

export function store(config: Config, open: Sessions): Capabilities['storeConsumer'] {
  return {
    async put({ ref }, _account, secret) {
      const place = placeOf(ref, config);
      if (place.kind !== 'done') return place;
      return secret.text((text) =>
        text.includes('\0')
          ? refused('policy', `${ref}: a text column cannot hold a NUL character`)
          : open((session) => put(session, place.value, text)),
      );
    },
    async holds({ ref }, _account, secret) {
      const place = placeOf(ref, config);
      if (place.kind !== 'done') return place;
      const present = await open(({ client }) => rowOf(client.query<Value>(select(place.value), [...place.value.key]), place.value));
      return present.kind === 'done' ? done(same(present.value, secret)) : present;
    },
    reload: async ({ reload }) => (reload === undefined ? done(undefined) : notify(reload, open)),
    healthy: async ({ health }) =>
      health === undefined
        ? done(undefined)
        : refused(
            'unsupported',
            `"${health}": a table knows nothing of its readers; leave health empty, sessions show who took up the value`,
          ),
  };
}

async function put(session: Session, place: Place, text: string): Promise<Outcome<{ readonly storeVersion: string }>> {
  const { client } = session;
  const key = [...place.key];
  const undo = async (outcome: Outcome<never>): Promise<Outcome<never>> => {
    await client.query('ROLLBACK').catch(() => {});
    return outcome;
  };
  await client.query('BEGIN');
  const before = await rowOf(client.query<Value>(`${select(place)} FOR UPDATE`, key), place);
  if (before.kind !== 'done') return undo(before);
  await client.query('CREATE TEMP TABLE rekey_value (value text) ON COMMIT DROP');
  await copyIn(client, 'COPY pg_temp.rekey_value (value) FROM STDIN', text);
  const column = identifier(place.table.value);
  // No cast: an explicit one to varchar(n) would cut the value off in silence, an assignment is refused.
  const changed = await rowOf(
    client.query<Value>(
      `UPDATE ${tableName(place.table)} SET ${column} = (SELECT value FROM pg_temp.rekey_value) WHERE ${rowCondition(place.table)} RETURNING ${column}::text AS value`,
      key,
    ),
    place,
  );
  if (changed.kind !== 'done') return undo(refused('permission', `${place.ref}: the row can be seen but not changed (row security)`));
  if (changed.value !== text)
    return undo(refused('conflict', `${place.ref}: a trigger or the column's type makes another value of it, so it was not kept`));
  const { rows } = await client.query<{ tx: string }>('SELECT txid_current()::text AS tx');
  session.phase = 'committing';
  const ended = await client.query('COMMIT');
  // The server answers COMMIT of a failed transaction with ROLLBACK and no error.
  if (ended.command !== 'COMMIT') return refused('conflict', `${place.ref}: the server rolled the transaction back`);
  session.phase = 'reading';
  const back = await rowOf(client.query<Value>(select(place), key), place);
  if (back.kind !== 'done') return indeterminate(back.fault.code, `written, and not there any more: ${back.fault.message}`);
  if (back.value !== text)
    return indeterminate('conflict', `${place.ref} was written, and holds another value now: somebody else writes it too`);
  return done({ storeVersion: `tx-${rows[0]?.tx ?? ''}` });
}

const select = ({ table }: Place): string =>
  `SELECT ${identifier(table.value)}::text AS value FROM ${tableName(table)} WHERE ${rowCondition(table)}`;

/** Exactly one row, or why not. */
async function rowOf(asked: Promise<{ rows: Value[] }>, { ref }: Place): Promise<Outcome<string | null>> {
  const { rows } = await asked;
  const [row, second] = rows;
  if (row === undefined) return refused('not-found', `${ref}: there is no such row`);
  if (second !== undefined) return refused('conflict', `${ref}: ${rows.length} rows have this key; it must name one`);
  return done(row.value);
}

const same = (value: string | null, secret: Secret): boolean =>
  value !== null && secret.use((bytes) => Buffer.from(value, 'utf8').equals(bytes));
