// Reads and replaces a password file in one step: a reader sees the old file or the new one, and owner, group, mode and attributes stay.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { open, readdir, readFile, realpath, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { done, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { fileFault } from './file-fault.ts';
import { type Limits, withLock } from './file-lock.ts';

/** Gets the whole content and answers the new one. Bytes as latin1: names and hashes are kept whatever their encoding is. */
export type Edit = (text: string) => Outcome<string>;

/** `freshSecond`: the new file's time differs from the old one's by a whole second or more, for readers that look no closer. */
export type Manner = { readonly freshSecond?: boolean };

export async function readText(path: string): Promise<Outcome<string>> {
  try {
    return done(await readFile(path, 'latin1'));
  } catch (error) {
    return fileFault(error, path);
  }
}

/** Refused: the file is as it was. */
export async function replaceText(path: string, limits: Limits, edit: Edit, manner: Manner = {}): Promise<Outcome<void>> {
  try {
    // Behind a link lies the file the server reads: that one is replaced, the link stays.
    const file = await realpath(path);
    return await withLock(file, limits, () => exchange(file, edit, manner));
  } catch (error) {
    return fileFault(error, path);
  }
}

/** Others (htpasswd, an editor) know nothing of our lock: this often their change is taken up before we give in. */
const attempts = 20;

async function exchange(file: string, edit: Edit, manner: Manner): Promise<Outcome<void>> {
  for (let n = 0; n < attempts; n++) {
    const before = await stat(file, { bigint: true });
    if (!before.isFile()) return refused('conflict', `${file} is not a regular file`);
    if (before.nlink > 1n)
      return refused(
        'conflict',
        `${file} has ${before.nlink} names (hard links): replacing it would leave the old secret under the others`,
      );
    const text = await readFile(file, 'latin1');
    const edited = edit(text);
    if (edited.kind !== 'done') return edited;
    if (edited.value === text) return done(undefined);
    await sweep(file);
    const temporary = join(dirname(file), `${temporaryPrefix(file)}${process.pid}-${randomBytes(6).toString('hex')}`);
    try {
      await write(temporary, file, edited.value, before, manner);
      if (!same(before, await stat(file, { bigint: true }))) continue;
      await rename(temporary, file);
    } finally {
      await rm(temporary, { force: true });
    }
    return (await synced(dirname(file)))
      ? done(undefined)
      : indeterminate('unreachable', `${file}: written, but the folder could not be flushed to disk`);
  }
  return refused('conflict', `${file} changes all the time: it was not written`, { target: 'CHANGING' });
}

const temporaryPrefix = (file: string): string => `.${basename(file)}.rekey-new-`;

/** Under the lock nobody else has a temporary file here: what lies about was left by a killed process. */
async function sweep(file: string): Promise<void> {
  for (const name of await readdir(dirname(file)))
    if (name.startsWith(temporaryPrefix(file))) await rm(join(dirname(file), name), { force: true });
}

/** Rights first, content second: at no moment can somebody read the new file who could not read the old one. */
async function write(temporary: string, file: string, text: string, before: BigIntStats, manner: Manner): Promise<void> {
  const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    await copyAttributes(file, temporary);
    const now = await handle.stat({ bigint: true });
    if (now.uid !== before.uid || now.gid !== before.gid) await handle.chown(Number(before.uid), Number(before.gid));
    await handle.chmod(Number(before.mode & 0o7777n));
    await handle.writeFile(text, 'latin1');
    const at = manner.freshSecond === true ? nextSecond(Number(before.mtimeMs), Date.now()) : Date.now() / 1000;
    await utimes(temporary, at, at);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** In seconds. Several writes within one second run ahead of the clock, by one second each. */
export const nextSecond = (beforeMs: number, nowMs: number): number => Math.max(Math.floor(nowMs / 1000), Math.floor(beforeMs / 1000) + 1);

/** Access lists, labels and other extended attributes: Node has no call for them, coreutils has. Without it, chown and chmod do what they can. */
function copyAttributes(from: string, to: string): Promise<void> {
  const args = ['--attributes-only', '--no-dereference', '--preserve=all', '--', from, to];
  return new Promise((resolve) => execFile('cp', args, { timeout: 5000, env: { PATH: process.env.PATH } }, () => resolve()));
}

const same = (before: BigIntStats, now: BigIntStats): boolean =>
  before.ino === now.ino && before.size === now.size && before.mtimeNs === now.mtimeNs && before.ctimeNs === now.ctimeNs;

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
