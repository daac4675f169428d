// One writer at a time for one file: a queue within this process, between processes a lock file that names its owner.
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Outcome, refused } from '../../kit/kit.ts';
import { errorCode } from './file-fault.ts';

/** `until` on the clock of performance.now(). */
export type Limits = { readonly until: number; readonly signal: AbortSignal };

const queues = new Map<string, Promise<unknown>>();
/** A lock of another machine is taken over when it is this old: locks are held for milliseconds. */
const foreignLockMs = 60_000;

export const lockPath = (file: string): string => join(dirname(file), `.${basename(file)}.rekey-lock`);

/** `file` is a real path. */
export async function withLock<T>(file: string, limits: Limits, work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  const next = (): Promise<Outcome<T>> => locked(file, limits, work);
  const turn = (queues.get(file) ?? Promise.resolve()).then(next, next);
  queues.set(file, turn);
  try {
    return await turn;
  } finally {
    if (queues.get(file) === turn) queues.delete(file);
  }
}

async function locked<T>(file: string, limits: Limits, work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  const lock = lockPath(file);
  const mine = `${process.pid} ${hostname()} ${randomBytes(6).toString('hex')}\n`;
  for (;;) {
    if (limits.signal.aborted) return refused('unreachable', `${file}: stopped before anything was written`, { target: 'ABORTED' });
    if (await created(lock, mine)) break;
    await removeDead(lock);
    if (performance.now() > limits.until)
      return refused('conflict', `${file} is being written by another process (${lock})`, { target: 'LOCKED', retryAfterMs: 1000 });
    await sleep(5 + Math.random() * 15);
  }
  try {
    return await work();
  } finally {
    // Only our own lock is removed: one that was taken over from us belongs to somebody else.
    if ((await content(lock)) === mine) await rm(lock, { force: true });
  }
}

async function created(lock: string, mine: string): Promise<boolean> {
  try {
    const handle = await open(lock, 'wx', 0o600);
    try {
      await handle.writeFile(mine);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead owner's lock aside first, so that two waiters cannot both remove it, the second one a live lock. */
async function removeDead(lock: string): Promise<void> {
  const seen = await content(lock);
  if (seen === undefined || !(await isDead(lock, seen))) return;
  const aside = `${lock}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  if ((await content(aside)) === seen) await rm(aside, { force: true });
  else await rename(aside, lock);
}

async function isDead(lock: string, owner: string): Promise<boolean> {
  const [pid, host] = owner.trim().split(' ');
  const age = Date.now() - ((await stat(lock).catch(() => undefined))?.mtimeMs ?? Date.now());
  // An empty lock is one whose owner is between creating and writing it, or died there.
  if (host !== hostname() || pid === undefined) return age > foreignLockMs;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
}

const content = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);
