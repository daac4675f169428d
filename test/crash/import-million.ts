// Child process of import-memory.test.ts: imports ROWS generated rows into the store at STORE and prints how its memory grew meanwhile.
import { importConsumers } from '../../src/inventory/import-consumers.ts';
import { importOwners } from '../../src/inventory/import-owners.ts';
import { inventoryStore } from '../../src/store/inventory.ts';
import { openStore } from '../../src/store/open.ts';

const [where = '', kind = 'consumers', rowsText = '1000000', accountsText = '50000'] = process.argv.slice(2);
const rows = Number(rowsText);
const accounts = Number(accountsText);
/** Long enough for the code to be compiled and every buffer to have its size. */
const warm = Math.min(50_000, rows / 4);

const store = await openStore(where.startsWith('postgres') ? { url: where } : { dataDir: where });
const inventory = inventoryStore(store);
await inventory.systems.sync([{ id: 'corp-ldap', connector: 'ldap', role: 'system', tier: 2, owner: null, spec: 'x', canary: null }]);
for (let from = 0; from < accounts; from += 50_000)
  await store.query(
    `insert into account (system, id, name, login, locator) select 'corp-ldap', 'id-' || n, 'uid=user-' || n, 'user-' || n, 'uid=user-' || n || ',ou=people,dc=example,dc=test'
     from generate_series($1::int4, $2::int4) n`,
    [from, Math.min(accounts, from + 50_000) - 1],
  );
await store.query('analyze account');

let base = 0;
let peak = 0;
async function* csv(): AsyncGenerator<Uint8Array> {
  yield Buffer.from(
    kind === 'owners'
      ? 'system,account,identity,kind,owner,manager,tier,tags\n'
      : 'system,account,consumer,store,ref,owner,reload,health\n',
  );
  for (let n = 0; n < rows; n += 500) {
    let chunk = '';
    for (let m = n; m < Math.min(rows, n + 500); m++)
      chunk +=
        kind === 'owners'
          ? `corp-ldap,user-${m % accounts},person-${m},human,owner-${m % 977}@example.test,boss@example.test,2,"emea;wave ${m % 7}"\n`
          : `corp-ldap,uid=user-${m % accounts},consumer-${m},file,/etc/app/${m}.env#PASSWORD,owner-${m % 977}@example.test,systemctl reload app,\n`;
    if (n >= warm) {
      const { rss } = process.memoryUsage();
      base ||= rss;
      peak = Math.max(peak, rss);
    }
    yield Buffer.from(chunk);
  }
}
const began = performance.now();
const options = { partial: false, file: `${kind}.csv` };
const report =
  kind === 'owners'
    ? await importOwners({ inventory }, csv(), options)
    : await importConsumers({ inventory, stores: { isStore: (id) => id === 'file', known: ['file'] } }, csv(), options);
peak = Math.max(peak, process.memoryUsage().rss);
const mib = (bytes: number) => Math.round(bytes / 2 ** 20);
process.stdout.write(
  `${JSON.stringify({ imported: report.imported, baseMiB: mib(base), peakMiB: mib(peak), grownMiB: mib(peak - base), seconds: Math.round((performance.now() - began) / 1000) })}\n`,
);
await store.close();
