// One writer at a time per file: within this process by a queue, between processes by a lock file that names its owner.
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Outcome, refused } from '../../kit/kit.ts';
import { errorCode, ioFault } from './io-fault.ts';

const queues = new Map<string, Promise<unknown>>();
/** A lock of another machine is taken over when it is this old: locks are held for milliseconds. */
const foreignLockMs = 60_000;

export type Limits = { readonly timeoutMs: number; readonly signal: AbortSignal };

export async function withLock<T>(path: string, limits: Limits, work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  const deadline = performance.now() + limits.timeoutMs;
  const before = queues.get(path) ?? Promise.resolve();
  const next = (): Promise<Outcome<T>> => locked(path, deadline, limits.signal, work);
  const turn = before.then(next, next);
  queues.set(path, turn);
  try {
    return await turn;
  } finally {
    if (queues.get(path) === turn) queues.delete(path);
  }
}

export const lockPath = (path: string): string => join(dirname(path), `.${basename(path)}.rekey-lock`);

async function locked<T>(path: string, deadline: number, signal: AbortSignal, work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  const lock = lockPath(path);
  const mine = `${process.pid} ${hostname()} ${randomBytes(6).toString('hex')}\n`;
  try {
    for (;;) {
      if (signal.aborted) return refused('unreachable', `${path}: stopped before anything was written`, { target: 'ABORTED' });
      if (await created(lock, mine)) break;
      await removeDead(lock);
      if (performance.now() > deadline)
        return refused('conflict', `${path} is being written by another process (${lock})`, { target: 'LOCKED', retryAfterMs: 1000 });
      await new Promise((done) => setTimeout(done, 5 + Math.random() * 15));
    }
  } catch (error) {
    return { kind: 'refused', fault: ioFault(error, lock) };
  }
  try {
    return await work();
  } finally {
    await release(lock, mine);
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

/** Only our own lock is removed: one that was taken over from us belongs to somebody else. */
async function release(lock: string, mine: string): Promise<void> {
  if ((await content(lock)) === mine) await rm(lock, { force: true });
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

async function content(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
