// Opens the store, embedded or served: migrated, durable, ready. Both speak the same SQL through the same driver.
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';
import type { Store } from './sql.ts';

export type StoreOptions = {
  /** Connections to a served PostgreSQL; the embedded store has one. */
  readonly poolSize?: number;
  /** How often the embedded store looks for checkpoint and vacuum work. */
  readonly maintenanceMs?: number;
};

export async function openStore(
  where: { readonly dataDir: string } | { readonly url: string },
  options: StoreOptions = {},
): Promise<Store> {
  return 'url' in where ? await openPostgres(where.url, options) : await openPglite(where.dataDir, options);
}
