// Reads and replaces the password file: one writer at a time, the whole file in one step, with the owner, group and mode it has.
import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { constants, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { done, type FaultCode, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import type { Limits } from '../../protocols/redis/dial.ts';

const codes: Readonly<Record<string, readonly [code: FaultCode, say: string]>> = {
  ENOENT: ['unreachable', 'there is no such file'],
  ENOTDIR: ['unreachable', 'a part of the path is not a folder'],
  EISDIR: ['conflict', 'the path is a folder'],
  EACCES: ['permission', 'the user Rekey runs as may not do this'],
  EPERM: ['permission', 'the user Rekey runs as may not do this'],
  EROFS: ['permission', 'the file system is read-only'],
  ENOSPC: ['unreachable', 'the disk is full'],
  EDQUOT: ['unreachable', 'the disk quota is used up'],
};

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? 'UNKNOWN');

function fileFault(error: unknown, path: string): Outcome<never> {
  const target = codeOf(error);
  const [code, say] = codes[target] ?? ['protocol', `the file system answered ${target}`];
  return refused(code, `${path}: ${say}`, { target });
}

export async function readText(path: string): Promise<Outcome<string>> {
  try {
    // Names and hashes are kept byte for byte, whatever their encoding is.
    return done(await readFile(path, 'latin1'));
  } catch (error) {
    return fileFault(error, path);
  }
}

/** `edit` gets the whole content and answers the new one. Refused: the file is as it was. */
export async function replaceText(path: string, limits: Limits, edit: (text: string) => Outcome<string>): Promise<Outcome<void>> {
  try {
    // Behind a link lies the file the broker reads: that one is replaced, the link stays.
    const file = await realpath(path);
    const lock = join(dirname(file), `.${basename(file)}.rekey-lock`);
    const held = await take(lock, limits);
    if (held.kind !== 'done') return held;
    try {
      return await exchange(file, edit);
    } finally {
      await rm(lock, { force: true });
    }
  } catch (error) {
    return fileFault(error, path);
  }
}

/** Others (mosquitto_passwd, an editor) know nothing of our lock: a change of theirs between reading and writing is taken up again. */
const attempts = 5;

async function exchange(file: string, edit: (text: string) => Outcome<string>): Promise<Outcome<void>> {
  for (let n = 0; n < attempts; n++) {
    const before = await stat(file);
    const text = await readFile(file, 'latin1');
    const edited = edit(text);
    if (edited.kind !== 'done') return edited;
    if (edited.value === text) return done(undefined);
    const temporary = `${file}.rekey-${randomBytes(6).toString('hex')}`;
    try {
      await write(temporary, edited.value, before);
      if (!same(before, await stat(file))) continue;
      await rename(temporary, file);
    } catch (error) {
      return fileFault(error, file);
    } finally {
      await rm(temporary, { force: true });
    }
    return (await synced(dirname(file)))
      ? done(undefined)
      : indeterminate('unreachable', `${file}: written, but the folder could not be flushed to disk`);
  }
  return refused('conflict', `${file} changes all the time: it was not written`, { target: 'CHANGING' });
}

/** Rights first, content second: at no moment can somebody read the new file who could not read the old one. */
async function write(temporary: string, text: string, before: Stats): Promise<void> {
  const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    const now = await handle.stat();
    if (now.uid !== before.uid || now.gid !== before.gid) await handle.chown(before.uid, before.gid);
    await handle.chmod(before.mode & 0o7777);
    await handle.writeFile(text, 'latin1');
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const same = (before: Stats, now: Stats): boolean => before.ino === now.ino && before.size === now.size && before.mtimeMs === now.mtimeMs;

async function synced(folder: string): Promise<boolean> {
  try {
    const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    return true;
  } catch {
    return false;
  }
}

/** The lock names its owner, so that one left by a process that died is taken over. */
async function take(lock: string, limits: Limits): Promise<Outcome<void>> {
  for (;;) {
    if (limits.signal.aborted) return refused('unreachable', 'stopped before anything was written', { target: 'ABORTED' });
    try {
      const handle = await open(lock, 'wx', 0o600);
      await handle.writeFile(`${process.pid} ${hostname()}\n`);
      await handle.close();
      return done(undefined);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    if (await isDead(lock)) await rm(lock, { force: true });
    if (performance.now() > limits.until)
      return refused('conflict', `the password file is being written by another process (${lock})`, {
        target: 'LOCKED',
        retryAfterMs: 1000,
      });
    await sleep(10 + Math.random() * 20);
  }
}

async function isDead(lock: string): Promise<boolean> {
  const [pid, host] = (await readFile(lock, 'utf8').catch(() => '')).trim().split(' ');
  if (host !== hostname() || !/^\d+$/.test(pid ?? '')) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}
