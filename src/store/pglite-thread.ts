// Runs in a worker thread: serves one PGlite on a unix socket, and stops for good at the first internal failure.
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { DurableNodeFS, durableStart } from './pglite-durable-fs.ts';
import { failStop } from './pglite-fail-stop.ts';

export type ThreadSetup = { readonly database: string; readonly socket: string };
export type ThreadSays = { readonly kind: 'ready' } | { readonly kind: 'closed' } | { readonly kind: 'failed'; readonly message: string };

const port = parentPort;
if (!port) throw new Error('pglite-thread runs in a worker thread only');
const say = (message: ThreadSays): void => port.postMessage(message);
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const { database, socket } = workerData as ThreadSetup; // given by pglite.ts
const db = await PGlite.create({ fs: new DurableNodeFS(database), startParams: durableStart }).catch((error: unknown) => {
  say({ kind: 'failed', message: textOf(error) });
  process.exit(1);
});

// Reopening the folder recovers from the WAL. process.exit ends this thread only, and nothing after it runs: no answer leaves any more.
failStop(db, (error) => {
  say({ kind: 'failed', message: textOf(error) });
  process.exit(1);
});

// The pool has one connection (with more, the socket server mixes their statements); the second place is for its
// successor, which may come before the server has noticed the end of a lost one.
const server = new PGLiteSocketServer({ db, path: socket, maxConnections: 2 });
await server.start();
port.on('message', async () => {
  await server.stop();
  await db.close();
  say({ kind: 'closed' });
  port.close();
});
say({ kind: 'ready' });
