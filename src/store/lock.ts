// One process per data folder: a second one would destroy it. A lock left by a dead process is taken over, never one that is merely old.
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../domain/problem.ts';

/** `started` tells a process from a later one with the same pid; null where the system does not say (no /proc). */
type Holder = { readonly pid: number; readonly started: string | null; readonly boot: string | null; readonly host: string };

export function lockFolder(folder: string): { release(): void } {
  const file = join(folder, 'lock');
  const mine = `${file}.${process.pid}`;
  const text = `${JSON.stringify(self())}\n`;
  // link() of a complete file: nobody ever reads half a lock.
  writeFileSync(mine, text, { mode: 0o600 });
  try {
    if (!linked(mine, file)) takeOver(folder, file, mine);
  } finally {
    rmSync(mine, { force: true });
  }
  return {
    release: () => {
      if (readText(file) === text) rmSync(file, { force: true });
    },
  };
}

function takeOver(folder: string, file: string, mine: string): void {
  refuseLiving(folder, file);
  // Two processes that both saw the same dead holder: the guard lets one of them replace the lock.
  const guard = `${file}.takeover`;
  if (!linked(mine, guard)) {
    const other = holderOf(guard);
    const left = other !== undefined && !isAlive(other);
    throw new Problem('estate-locked', {
      message: left ? `A process died while it took over the lock of ${folder}.` : `Another process is taking over ${folder} right now.`,
      place: guard,
      hint: left ? `Make sure no Rekey runs on this folder, then remove ${guard}.` : 'Try again in a moment.',
    });
  }
  try {
    refuseLiving(folder, file);
    rmSync(file, { force: true });
    if (!linked(mine, file)) {
      refuseLiving(folder, file);
      throw new Problem('estate-locked', {
        message: `Another process took ${folder} just now.`,
        place: file,
        hint: 'Try again in a moment.',
      });
    }
  } finally {
    rmSync(guard, { force: true });
  }
}

function refuseLiving(folder: string, file: string): void {
  const holder = holderOf(file);
  if (holder === undefined) return;
  const foreign = holder.host !== hostname();
  if (!foreign && !isAlive(holder)) return;
  const own = !foreign && holder.pid === process.pid;
  const remedy = foreign
    ? `If that host or container is gone for good, remove ${file};`
    : own
      ? 'Close it first, or share it;'
      : `Stop process ${holder.pid} first (kill ${holder.pid}), or use its API;`;
  throw new Problem('estate-locked', {
    message: `${folder} is in use by ${own ? 'this process' : 'process'} ${holder.pid}${foreign ? ` on host ${holder.host}` : ''}.`,
    place: file,
    hint: `${remedy} the embedded store allows one process at a time.`,
  });
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function holderOf(file: string): Holder | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Holder; // written by this file; anything else is refused below
  } catch {
    throw new Problem('estate-locked', {
      message: 'The lock file is not readable as one.',
      place: file,
      hint: `Make sure no Rekey runs on this folder, then remove ${file}.`,
    });
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.boot !== null && holder.boot !== bootId()) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const started = startOf(holder.pid);
  return holder.started === null || started === null || started === holder.started;
}

function self(): Holder {
  return { pid: process.pid, started: startOf(process.pid), boot: bootId(), host: hostname() };
}

const bootId = (): string | null => readText('/proc/sys/kernel/random/boot_id')?.trim() ?? null;

/** Field 22 of /proc/PID/stat; the name in field 2 may hold spaces and parentheses, so count from the last one. */
function startOf(pid: number): string | null {
  const stat = readText(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
