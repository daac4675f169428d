// The Ed25519 key that signs this estate's checkpoints: made once, its private half sealed before anything is signed with it.
import { Problem } from '../domain/problem.ts';
import { logKeyName } from '../prove/checkpoint-text.ts';
import { newLogKey, type Signer, signerOf } from '../prove/sign-note.ts';
import type { Seal } from '../seal/seal.ts';
import type { Store } from '../store/sql.ts';

type Row = { name: string; log_private: Buffer; log_data_key: string };
const aad = 'evidence log key';

export async function openLogKey(store: Store, seal: Seal, estate: string): Promise<Signer> {
  const row = (await read(store)) ?? (await make(store, seal, estate));
  if (row.name !== estate)
    throw new Problem('invalid-config', {
      message: `this store belongs to the estate ${row.name}, not ${estate}`,
      place: 'estate',
      hint: 'an estate keeps its name: put it back in rekey.yaml, or open another store',
    });
  const key = await seal.dataKey(row.log_data_key);
  return signerOf(logKeyName(estate), (f) => {
    const seed = key.open(aad, row.log_private);
    return f(seed);
  });
}

async function read(store: Store): Promise<Row | undefined> {
  const [row] = await store.query<Row>(`select name, log_private, log_data_key::text as log_data_key from estate`);
  return row;
}

/** Two processes may open a new store at once: the first row stays, and both read it. */
async function make(store: Store, seal: Seal, estate: string): Promise<Row> {
  const dataKey = await seal.newDataKey('evidence log key');
  const { key, seed } = newLogKey(logKeyName(estate));
  const sealed = (await seal.dataKey(dataKey)).seal(aad, seed);
  await store.query(
    `insert into estate(name, log_public, log_private, log_data_key) values ($1, $2, $3, $4::int8) on conflict do nothing`,
    [estate, key.line, sealed, dataKey],
  );
  return (await read(store)) as Row; // the insert or its rival left one
}
