// Creates the embedded database so that it is either whole and on disk, or not there: initdb into pg.tmp, fsync, rename.
import { execFile } from 'node:child_process';
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../domain/problem.ts';
import { syncFolder } from './pglite-durable-fs.ts';
import { sourceLoader } from './pglite-source.ts';

const initdbTimeoutMs = 180_000;

/** Call while holding the folder's lock. Returns the path of the database. */
export async function preparePglite(folder: string): Promise<string> {
  const database = join(folder, 'pg');
  if (existsSync(database)) {
    chmodSync(database, 0o700);
    return database;
  }
  const half = join(folder, 'pg.tmp');
  rmSync(half, { recursive: true, force: true });
  const { entry, execArgv } = sourceLoader('pglite-initdb');
  try {
    await promisify(execFile)(process.execPath, [...execArgv, entry, half], {
      timeout: initdbTimeoutMs,
      env: { PATH: process.env.PATH },
    });
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new Problem('internal', {
      message: `The embedded database could not be created: ${stderr.trim().slice(-500) || message}`,
      place: folder,
      hint: 'Check free disk space (100 MB) and memory (1 GB), then run the command again.',
    });
  }
  chmodSync(half, 0o700);
  syncTree(half);
  renameSync(half, database);
  syncFolder(folder);
  return database;
}

function syncTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) syncTree(path);
    else if (entry.isFile()) {
      const fd = openSync(path, 'r+');
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    }
  }
  syncFolder(folder);
}
