// What the console waits for with a run of a hundred thousand items: a page of a list, a filter, an event. PostgreSQL, the API behind its socket.
// ITEMS=10000 for a quick look; REKEY_TEST_POSTGRES = a PostgreSQL that may create databases, else the one installed here is started.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { stringify } from 'yaml';
import { initEstate, type Opened, openEstate } from '../src/app.ts';
import { startPostgres } from '../test/harness/postgres.ts';
import { Events, get } from './console/door.ts';
import { populateRun, runId } from './console/population.ts';

const items = Number(process.env.ITEMS ?? 100_000);
const rounds = Number(process.env.ROUNDS ?? 20);

const postgres = await startPostgres();
const folder = mkdtempSync(join(tmpdir(), 'rekey-bench-console-'));
const socket = join(folder, '.rekey', 'rekey.sock');
let estate: Opened | undefined;
let pool: pg.Pool | undefined;
try {
  const url = await postgres.newDatabase();
  writeFileSync(join(folder, 'rekey.yaml'), stringify({ apiVersion: 'rekey/v1', estate: 'bench', store: { url }, systems: [] }));
  await initEstate({ folder, name: 'bench' });
  pool = new pg.Pool({ connectionString: url, max: 2 });
  const lane = await populateRun(pool, items);
  estate = await openEstate({ folder });
  await estate.listen(socket);
  const cursor = async (path: string): Promise<string> =>
    encodeURIComponent((JSON.parse((await ask(path)).body) as { cursor: string }).cursor); // a page that is not the last has one
  const accounts = (where: string, more = ''): string => `/v1/accounts?limit=200&where=${encodeURIComponent(where)}${more}`;
  const runItems = `/v1/runs/${runId}/items?limit=100`;
  const list = {
    accounts: accounts('all'),
    accountsNext: accounts('all', `&cursor=${await cursor(accounts('all'))}`),
    accountsByTier: accounts('all', '&sort=-tier'),
    items: runItems,
    itemsNext: `${runItems}&cursor=${await cursor(runItems)}`,
  };
  const filter = {
    state: accounts('state = failed'),
    system: accounts('system = system-3'),
    text: accounts('name ~ "*user-9999*"'),
    itemState: `${runItems}&state=in-doubt`,
    count: `/v1/accounts/count?where=${encodeURIComponent('state = failed')}`,
  };
  const p95ms = { list: await measured('list', list), filter: await measured('filter', filter), event: await event(pool, lane) };
  print({ bench: 'console', items, p95ms });
} finally {
  await estate?.close();
  await pool?.end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

async function ask(path: string): Promise<{ ms: number; body: string }> {
  const { ms, status, body } = await get(socket, path);
  if (status !== 200) throw new Error(`${path}: ${status} ${body.slice(0, 300)}`);
  return { ms, body };
}

/** The p95 of the slowest of them: an average over kinds would hide the one that people wait for. */
async function measured(what: string, paths: Readonly<Record<string, string>>): Promise<number> {
  let worst = 0;
  for (const [name, path] of Object.entries(paths)) {
    await ask(path); // warms the buffers, as the first look of the day does
    const times: number[] = [];
    for (let n = 0; n < rounds; n++) times.push((await ask(path)).ms);
    const p95 = p95Of(times);
    print({ bench: 'console', what, name, p95 });
    worst = Math.max(worst, p95);
  }
  return worst;
}

/** From just before the change is committed until its event has arrived. */
async function event(pool: pg.Pool, lane: string): Promise<number> {
  const times: number[] = [];
  let events: Events | undefined;
  await new Promise<void>((opened) => {
    events = new Events(socket, opened);
  });
  for (let n = 0; n < rounds; n++) {
    const arrived = events?.next();
    const began = performance.now();
    await pool.query('update lane set reason = $2 where key = $1::int8', [lane, `reason ${n}`]);
    await arrived;
    times.push(performance.now() - began);
  }
  events?.close();
  return p95Of(times);
}

function p95Of(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.round(sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0);
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
