// What the estate's own store holds, opened the way the product opens it: every secret ever sealed, and every row of every table as text.

import type { SealedSecret } from '../../../src/execute/port.ts';
import type { Store } from '../../../src/store/sql.ts';
import { openParts } from '../../../src/wire/parts.ts';

export type Escrowed = {
  readonly system: string;
  readonly account: string;
  readonly origin: string;
  readonly version: number;
  readonly state: string;
  readonly secret: string;
};

export async function withStore<T>(folder: string, work: (store: Store, escrowed: () => Promise<Escrowed[]>) => Promise<T>): Promise<T> {
  const parts = await openParts({ folder, demo: () => false });
  try {
    return await work(parts.store, async () => {
      const rows = await parts.store.query<{
        key: string;
        system: string;
        name: string;
        origin: SealedSecret['origin'];
        version: number;
        state: SealedSecret['state'];
        data_key: string;
        sealed: Buffer;
      }>(
        `select a.key::text, a.system, a.name, s.origin, s.version, s.state, s.data_key::text, s.sealed from secret s join account a on a.key = s.account order by s.key`,
      );
      const opened: Escrowed[] = [];
      for (const { key, system, name: account, origin, version, state, data_key: dataKey, sealed } of rows) {
        const held = await parts.escrow.open(key, { origin, version, state, dataKey, sealed });
        opened.push({ system, account, origin, version, state, secret: held.text((text) => text) });
      }
      return opened;
    });
  } finally {
    await parts.close();
  }
}

/** Every row of every table, job queue included. */
export async function tablesAsText(store: Store): Promise<string> {
  const tables = await store.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    const rows = await store.query<{ row: string }>(`select row_to_json(t)::text as row from ${name} t`);
    parts.push(`== ${name} ${rows.length}`, ...rows.map((each) => each.row));
  }
  return parts.join('\n');
}
