// Opens the embedded store: lock, database, thread, one connection. Closes in the reverse order, and on a failed start undoes what it did.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Worker } from 'node:worker_threads';
import pg from 'pg';
import { Problem } from '../domain/problem.ts';
import { driverProblem } from './driver-problem.ts';
import { lockFolder } from './lock.ts';
import { startMaintenance } from './maintenance.ts';
import { migrate } from './migrate.ts';
import { preparePglite } from './pglite-folder.ts';
import { startThread } from './pglite-source.ts';
import type { ThreadSays, ThreadSetup } from './pglite-thread.ts';
import { poolStore } from './pool-store.ts';
import type { Store } from './sql.ts';

/** Recovery replays up to 128 MB of WAL; that took 2 s here, so a minute is a slow disk and ten are a hang. */
const startTimeoutMs = 600_000;
const closeTimeoutMs = 60_000;
const waitForConnectionMs = 120_000;

export async function openPglite(dataDir: string, options: { maintenanceMs?: number } = {}): Promise<Store> {
  const folder = resolve(dataDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const undo: (() => unknown)[] = [];
  const unwind = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const lock = lockFolder(folder);
    undo.push(() => lock.release());
    const database = await preparePglite(folder);
    const sockets = socketFolder(folder);
    undo.push(() => rmSync(sockets, { recursive: true, force: true }));

    const thread = await startPglite({ database, socket: join(sockets, '.s.PGSQL.5432') });
    undo.push(() => thread.close());
    const pool = new pg.Pool({
      ...{ host: sockets, port: 5432, user: 'postgres', database: 'postgres', ssl: false, max: 1, idleTimeoutMillis: 0 },
      connectionTimeoutMillis: waitForConnectionMs,
      // The backend outlives a connection and keeps its prepared statements and its settings.
      onConnect: (client) => client.query('discard all') as unknown as undefined, // the pool awaits it; its type says void
    });
    pool.on('error', () => undefined); // the statement that meets it reports it
    undo.push(() => pool.end());

    const client = await pool.connect();
    try {
      await migrate(client);
    } finally {
      client.release();
    }
    let statements = 0;
    const upkeep = startMaintenance(pool, () => statements, options.maintenanceMs);
    undo.push(() => upkeep.stop());
    return poolStore({
      kind: 'pglite',
      flushes: 1,
      pool,
      explain: (error) => thread.died() ?? driverProblem(error),
      onStatement: () => {
        statements++;
      },
      close: unwind,
    });
  } catch (error) {
    await unwind();
    throw error;
  }
}

/** Inside the data folder when its path is short: a unix socket's path may have 107 bytes (103 on macOS). */
function socketFolder(folder: string): string {
  const inside = join(folder, 'socket');
  if (Buffer.byteLength(join(inside, '.s.PGSQL.5432')) > 100) return mkdtempSync(join(tmpdir(), 'rekey-'));
  rmSync(inside, { recursive: true, force: true });
  mkdirSync(inside, { mode: 0o700 });
  chmodSync(inside, 0o700);
  return inside;
}

type Thread = { died(): Problem | undefined; close(): Promise<void> };

async function startPglite(setup: ThreadSetup): Promise<Thread> {
  const worker = startThread('pglite-thread', { workerData: setup });
  let death: Problem | undefined;
  let closing = false;
  const dead = (why: string): void => {
    death ??= new Problem('internal', {
      message: `The embedded database stopped: ${why}`,
      place: setup.database,
      hint: 'Everything acknowledged is on disk. Check the disk, then start Rekey again: it recovers and goes on.',
    });
  };
  worker.on('message', (says: ThreadSays) => {
    if (says.kind === 'failed') dead(says.message);
  });
  worker.on('error', (error) => dead(error.message));
  worker.on('exit', () => {
    if (!closing) dead('its thread ended');
  });
  await says(worker, 'ready', startTimeoutMs, () => death);
  return {
    died: () => death,
    async close() {
      closing = true;
      if (!death) {
        const closed = says(worker, 'closed', closeTimeoutMs, () => undefined);
        worker.postMessage('close');
        await closed;
      }
      await worker.terminate();
    },
  };
}

function says(worker: Worker, kind: ThreadSays['kind'], timeoutMs: number, why: () => Problem | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: unknown): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('exit', onExit);
      if (error === undefined) resolve();
      else {
        void worker.terminate();
        reject(error);
      }
    };
    const onMessage = (message: ThreadSays): void => {
      if (message.kind === kind) end();
    };
    const onExit = (): void => end(why() ?? new Error(`the embedded database ended before it was ${kind}`));
    const timer = setTimeout(() => end(new Error(`the embedded database was not ${kind} within ${timeoutMs / 1000} s`)), timeoutMs);
    worker.on('message', onMessage).on('exit', onExit);
  });
}
