// Every folder the tests make lies in one that goes when they end: a worker is ended by a signal, so nothing of its own cleans up after it for certain.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const before = process.env.TMPDIR;
let folder: string | undefined;

/** Before the workers are started: they inherit TMPDIR. Several projects of one run share the folder. */
export function setup(): void {
  if (folder !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'rekey-test-'));
  // A server started for a test may run as a user of its own.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
}

export function teardown(): void {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
